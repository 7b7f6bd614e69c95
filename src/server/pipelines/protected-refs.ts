import type { ProjectSettings } from '../../store/index.ts';

/** Whether a branch or tag is protected: named by the project, or by a pattern in which `*` stands for anything. */
export function isProtectedRef(
  settings: Pick<ProjectSettings, 'protectedBranches' | 'protectedTags'>,
  ref: { readonly name: string; readonly kind: 'branch' | 'tag' },
): boolean {
  const patterns = ref.kind === 'branch' ? settings.protectedBranches : settings.protectedTags;
  return patterns.some((pattern) => matchesPattern(pattern, ref.name));
}

/**
 * Whether a name is a pattern's, in which `*` stands for any characters. In one pass over the name: a hostile pattern
 * costs no more than any other.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
