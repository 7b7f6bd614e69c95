import type { ContextVariable } from '../../config/index.ts';
import type { StoredVariable } from '../../store/index.ts';
import { matchesPattern } from './protected-refs.ts';

/**
 * The variables that a job of a project gets: those of the instance, then the project's over them. Protected ones only
 * for protected refs; those of an environment only for jobs of it, where the nearest scope wins. Without an environment
 * there are those of scope `*` (https://docs.gitlab.com/ci/environments/).
 */
export function projectVariables(
  stored: readonly StoredVariable[],
  job: { readonly isProtected: boolean; readonly environment: string | null },
): Readonly<Record<string, ContextVariable>> {
  const chosen = stored
    .filter((variable) => (job.isProtected || !variable.protected) && applies(variable, job.environment))
    // The order of those alike stays, so the project's come after the instance's.
    .toSorted((a, b) => nearness(a) - nearness(b));
  return Object.fromEntries(
    chosen.map(({ key, value, raw, masked, kind }) => [
      key,
      { value, expand: !raw, masked, file: kind === 'file' },
    ]),
  );
}

function applies({ environmentScope }: StoredVariable, environment: string | null): boolean {
  if (environmentScope === '*') return true;
  if (environment === null) return false;
  return matchesPattern(environmentScope, environment);
}

/** The more of a name a scope spells out, the nearer; one without a pattern is nearest. */
function nearness({ environmentScope }: StoredVariable): number {
  const letters = environmentScope.replaceAll('*', '').length;
  return environmentScope.includes('*') ? letters : Number.MAX_SAFE_INTEGER;
}
