import type { PipelineContext } from '../../context.ts';
import type { CloudbuildSettings } from '../../settings/settings.ts';

export interface BuiltInRequest {
  readonly context: PipelineContext;
  readonly settings: CloudbuildSettings;
  /** The build file, from the root of the repository. */
  readonly file: string;
  /** `serviceAccount` as the file has it; null: it has none. */
  readonly serviceAccount: string | null;
}

/**
 * The substitutions that the service knows by itself, for a build that a trigger has started. Null: nothing is known, and
 * the service would have known; an empty text: the service has none either.
 */
export function builtInSubstitutions(request: BuiltInRequest): ReadonlyMap<string, string | null> {
  const { context, settings, file } = request;
  const { name, kind } = context.ref;
  const { sha } = context.commit;
  const account = request.serviceAccount ?? '';
  return new Map<string, string | null>([
    ['PROJECT_ID', settings.project],
    ['PROJECT_NUMBER', settings.projectNumber],
    ['LOCATION', settings.location ?? 'global'],
    ['BUILD_ID', buildId(context)],
    ['TRIGGER_NAME', ''],
    ['COMMIT_SHA', sha],
    ['REVISION_ID', sha],
    ['SHORT_SHA', sha.slice(0, 7)],
    ['REPO_NAME', lastPart(context.project.path)],
    ['REPO_FULL_NAME', context.project.path],
    ['BRANCH_NAME', kind === 'branch' ? name : ''],
    ['TAG_NAME', kind === 'tag' ? name : ''],
    ['REF_NAME', name],
    ['TRIGGER_BUILD_CONFIG_PATH', file],
    ['SERVICE_ACCOUNT', account],
    ['SERVICE_ACCOUNT_EMAIL', account.includes('@') ? lastPart(account) : ''],
  ]);
}

/** Those of a pull request; empty in any other build. */
export function pullRequestSubstitutions(context: PipelineContext): ReadonlyMap<string, string> {
  const { mergeRequest, pullRequest } = context;
  if (mergeRequest !== null)
    return new Map([
      ['_HEAD_BRANCH', mergeRequest.sourceBranch],
      ['_BASE_BRANCH', mergeRequest.targetBranch],
      ['_HEAD_REPO_URL', `${context.server.url}/${context.project.path}`],
      ['_PR_NUMBER', String(mergeRequest.iid)],
    ]);
  if (pullRequest !== null)
    return new Map([
      ['_HEAD_BRANCH', pullRequest.sourceBranch],
      ['_BASE_BRANCH', pullRequest.targetBranch],
      ['_HEAD_REPO_URL', `${context.server.url}/${context.project.path}`],
    ]);
  return new Map();
}

/** What a trigger with a pull request sets, and no file has to: they count as known names. */
export const PULL_REQUEST_NAMES: ReadonlySet<string> = new Set([
  '_HEAD_BRANCH',
  '_BASE_BRANCH',
  '_HEAD_REPO_URL',
  '_PR_NUMBER',
]);

/** A project's ID as the service would allow one, made of the name of the repository. */
export function likelyProject(context: PipelineContext): string {
  const name = lastPart(context.project.path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return (name.length < 6 ? `${name === '' ? 'local' : name}-project` : name).slice(0, 30).replace(/-+$/, '');
}

/** The same pipeline has the same. */
export function buildId({ commit, pipeline }: PipelineContext): string {
  const { sha } = commit;
  const digits = (from: number, count: number): string => sha.slice(from, from + count).padEnd(count, '0');
  const id = Math.max(0, pipeline.id).toString(16).padStart(12, '0').slice(-12);
  return `${digits(0, 8)}-${digits(8, 4)}-4${digits(12, 3)}-8${digits(15, 3)}-${id}`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
