import type { StoredVariable } from '../../../store/index.ts';

/**
 * Why a value cannot be masked in logs, by GitLab's rules: one line of at least eight characters, without spaces; null:
 * it can, or need not.
 */
export function maskProblem({ masked, value }: Pick<StoredVariable, 'masked' | 'value'>): string | null {
  if (!masked) return null;
  if (/\s/.test(value)) return 'is invalid: a masked value is one line without spaces';
  return value.length < 8 ? 'is invalid: a masked value has at least 8 characters' : null;
}
