import type { Artifacts, BuildJob, Cache, Json } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';
import { withValues, withVariables } from './reference.ts';

/** The template of jobs whose files later jobs go on with. */
export const WORKSPACE_TEMPLATE = '.workspace';

/** The whole working copy, for the jobs that come later. */
export const WORKSPACE_ARTIFACTS: Readonly<Record<string, Json>> = {
  paths: ['.'],
  exclude: ['.git/**'],
  expire_in: '1 day',
};

/**
 * `artifacts` of a job. `handsOn`: later jobs go on with its working copy, which the template hands on; also after a
 * failure, where that is allowed.
 */
export function jobArtifacts(job: BuildJob, handsOn: boolean, remarks: Remark[]): Json {
  const { artifacts } = job;
  const goesOn = handsOn && (job.allowFailure || job.allowFailureExitCodes.length > 0);
  if (artifacts === null) return goesOn ? { when: 'always' } : null;
  const described = describe(artifacts, job.name, remarks);
  if (!handsOn) return described;
  const text = 'What it keeps is in the archive of its whole working copy.';
  remarks.push({ job: job.name, key: 'artifacts', kind: 'changed', text });
  return { ...described, paths: ['.'], exclude: ['.git/**'] };
}

function describe(artifacts: Artifacts, job: string, remarks: Remark[]): Readonly<Record<string, Json>> {
  const reports = Object.entries(artifacts.reports).map(([type, paths]): readonly [string, Json] =>
    type === 'coverage_report'
      ? [type, coverageReport(paths, job, remarks)]
      : [type, paths.length === 1 ? (paths[0] ?? '') : paths],
  );
  return withoutNull({
    name: artifacts.name,
    paths:
      artifacts.paths.length === 0
        ? null
        : artifacts.paths.map((path) => withVariables(path) ?? withValues(path)),
    exclude: artifacts.exclude.length === 0 ? null : artifacts.exclude,
    untracked: artifacts.untracked ? true : null,
    when: artifacts.when === 'on_success' ? null : artifacts.when,
    expire_in: artifacts.expireIn,
    expose_as: artifacts.exposeAs,
    access: artifacts.access === 'all' ? null : artifacts.access,
    reports: reports.length === 0 ? null : Object.fromEntries(reports),
  });
}

/** GitLab wants one file and the name of its format, which a plan does not keep: a file tells it by its name. */
function coverageReport(paths: readonly string[], job: string, remarks: Remark[]): Json {
  const [path = '', ...others] = paths;
  if (others.length > 0) {
    const text = `GitLab reads one coverage report a job: ${others.join(', ')} is left out.`;
    remarks.push({ job, key: 'artifacts', kind: 'dropped', text });
  }
  return { coverage_format: /jacoco/i.test(path) ? 'jacoco' : 'cobertura', path };
}

/** `cache` of a job; null when it has none. */
export function jobCaches(caches: readonly Cache[]): Json {
  if (caches.length === 0) return null;
  const described = caches.map(describeCache);
  return described.length === 1 ? (described[0] ?? null) : described;
}

function describeCache(cache: Cache): Json {
  const { key } = cache;
  return withoutNull({
    key:
      key.kind === 'text'
        ? key.text
        : withoutNull({ [key.kind === 'files' ? 'files' : 'files_commits']: key.files, prefix: key.prefix }),
    paths: cache.paths,
    untracked: cache.untracked ? true : null,
    unprotect: cache.unprotect ? true : null,
    policy: cache.policy === 'pull-push' ? null : cache.policy,
    when: cache.when === 'on_success' ? null : cache.when,
    fallback_keys: cache.fallbackKeys.length === 0 ? null : cache.fallbackKeys,
  });
}

export function withoutNull(entries: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));
}
