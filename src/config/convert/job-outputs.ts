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
  const described = describe(artifacts, job, remarks);
  if (!handsOn) return described;
  const text = 'What it keeps is in the archive of its whole working copy.';
  remarks.push({ job: job.name, key: 'artifacts', kind: 'changed', text });
  return { ...described, paths: ['.'], exclude: ['.git/**'] };
}

function describe(artifacts: Artifacts, job: BuildJob, remarks: Remark[]): Readonly<Record<string, Json>> {
  const { cobertura = [], jacoco = [], ...all } = artifacts.reports;
  const unread = Object.entries(all).filter(([type]) => Object.hasOwn(NOT_OF_GITLAB, type));
  const others = Object.fromEntries(
    Object.entries(all).filter(([type]) => !Object.hasOwn(NOT_OF_GITLAB, type)),
  );
  for (const [type] of unread) {
    const text = `GitLab reads no reports of ${NOT_OF_GITLAB[type]}: their files are kept as artifacts.`;
    remarks.push({ job: job.name, key: 'artifacts', kind: 'dropped', text });
  }
  const paths = [...artifacts.paths, ...unread.flatMap(([, files]) => files)];
  const coverage = [
    ...cobertura.map((path) => ({ coverage_format: 'cobertura', path })),
    ...jacoco.map((path) => ({ coverage_format: 'jacoco', path })),
  ];
  const reports = [
    ...Object.entries(others).map(([type, files]): readonly [string, Json] => [
      type,
      files.length === 1 ? (files[0] ?? '') : files,
    ]),
    ...coverageReport(coverage, job.name, remarks),
  ];
  return withoutNull({
    name: artifacts.name,
    paths: paths.length === 0 ? null : paths.map((path) => artifactPath(path, job, remarks)),
    exclude: artifacts.exclude.length === 0 ? null : artifacts.exclude,
    untracked: artifacts.untracked ? true : null,
    when: artifacts.when === 'on_success' ? null : artifacts.when,
    expire_in: artifacts.expireIn,
    expose_as: artifacts.exposeAs,
    access: artifacts.access === 'all' ? null : artifacts.access,
    reports: reports.length === 0 ? null : Object.fromEntries(reports),
  });
}

/** Types of reports that only Slipway reads, and who writes them. */
const NOT_OF_GITLAB: Readonly<Record<string, string>> = {
  cucumber: 'Cucumber',
  nunit: 'NUnit',
  testng: 'TestNG',
  trx: 'Visual Studio',
};

/** The home folder that steps share is not there, and its variable is not set. */
function artifactPath(path: string, { name, sharedWorkspace }: BuildJob, remarks: Remark[]): string {
  const written = withVariables(path) ?? withValues(path);
  if (sharedWorkspace !== undefined && /\$\{?(?:HOME|BUILDER_OUTPUT)\b/.test(written)) {
    const text = `${written} is another folder in GitLab, or none.`;
    remarks.push({ job: name, key: 'artifacts', kind: 'changed', text });
  }
  return written;
}

/** GitLab reads one coverage report a job. */
function coverageReport(
  [first, ...others]: readonly { readonly coverage_format: string; readonly path: string }[],
  job: string,
  remarks: Remark[],
): readonly (readonly [string, Json])[] {
  if (first === undefined) return [];
  if (others.length > 0) {
    const left = others.map(({ path }) => path).join(', ');
    const text = `GitLab reads one coverage report a job: ${left} is left out.`;
    remarks.push({ job, key: 'artifacts', kind: 'dropped', text });
  }
  return [['coverage_report', first]];
}

/** `cache` of a job; null when it has none. */
export function jobCaches({ name, caches }: BuildJob, remarks: Remark[]): Json {
  if (caches.length === 0) return null;
  const described = caches.map((cache) => describeCache(cache, name, remarks));
  return described.length === 1 ? (described[0] ?? null) : described;
}

function describeCache(cache: Cache, job: string, remarks: Remark[]): Json {
  const { key } = cache;
  return withoutNull({
    key:
      key.kind === 'text'
        ? cacheKey(key.text, job, remarks)
        : withoutNull({
            [key.kind === 'files' ? 'files' : 'files_commits']: key.files,
            prefix: key.prefix === null ? null : cacheKey(key.prefix, job, remarks),
          }),
    paths: cache.paths,
    untracked: cache.untracked ? true : null,
    unprotect: cache.unprotect ? true : null,
    policy: cache.policy === 'pull-push' ? null : cache.policy,
    when: cache.when === 'on_success' ? null : cache.when,
    fallback_keys:
      cache.fallbackKeys.length === 0 ? null : cache.fallbackKeys.map((text) => cacheKey(text, job, remarks)),
  });
}

/** A key that GitLab refuses: it becomes a part of a path there. */
function cacheKey(text: string, job: string, remarks: Remark[]): string {
  const allowed = text.replaceAll(/\/|%2f/gi, '-').replace(/^(?:\.|%2e)+$/i, 'dots');
  if (allowed === text && text !== '') return text;
  const key = allowed === '' ? 'empty' : allowed;
  remarks.push({
    job,
    key: 'cache',
    kind: 'changed',
    text: `The cache ${text} is called ${key}: GitLab refuses that key.`,
  });
  return key;
}

export function withoutNull(entries: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));
}
