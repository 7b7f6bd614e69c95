/**
 * A cache's key as it is stored: jobs of protected refs and all others never share one, so that nobody who may not
 * push to a protected branch can leave files for its jobs (GitLab's `cache:unprotect` lifts it).
 */
export function finalCacheKey(
  key: string,
  scope: { readonly isProtected: boolean; readonly unprotect: boolean },
): string {
  const suffix = scope.isProtected && !scope.unprotect ? 'protected' : 'non_protected';
  return `${key === '' ? 'default' : key}-${suffix}`;
}
