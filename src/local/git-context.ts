import { basename } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { runGitOnWorkTree } from '../base/git.ts';
import type { CommitContext, ContextVariable, PipelineContext, PipelineSource } from '../config/index.ts';
import { parseRemote } from '../includes/index.ts';
import { changedFilesSince } from './changed-files.ts';
import { describeMergeRequest, readMergedBranches } from './merge-request-context.ts';
import {
  answer,
  askRepository,
  commitOf,
  commitOfBranch,
  printed,
  type Ref,
  type RepositoryAnswers,
  readRefs,
  readTagMessage,
} from './repository.ts';

/** What a person asks for on the command line; everything else comes from the repository. */
export interface ContextRequest {
  /** The top folder of the project. */
  readonly repository: string;
  readonly source: PipelineSource;
  /** Run as if for this branch or tag; null: the branch that is checked out. The files stay those of the work tree. */
  readonly ref: string | null;
  /** Run as a tag pipeline: for the tag at HEAD when `ref` names none. */
  readonly tag: boolean;
  /** The branch a merge request goes to; null: the default branch. */
  readonly target: string | null;
  readonly variables: Readonly<Record<string, ContextVariable>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly configPath: string;
  readonly now: Date;
}

/**
 * Describes the pipeline that a push of this work tree would start: commit, refs and changed files from git, the
 * uncommitted changes counted in. A folder that is no git repository gets a context with an all-zero commit.
 *
 * `answers`: of that repository, when they have been asked for before.
 *
 * @throws AppError `no-tag` when a tag pipeline is asked for and no tag is there, `git-failed` for a damaged HEAD.
 */
export async function contextForRun(
  request: ContextRequest,
  answers: RepositoryAnswers = askRepository(request.repository),
): Promise<PipelineContext> {
  const { repository: folder, source } = request;
  const repository = await readRepository(request, answers);
  const ref = await chooseRef(request, repository);
  const merged = MERGING_SOURCES.has(source)
    ? await readMergedBranches(folder, ref.name, request.target ?? repository.defaultBranch)
    : null;
  const [before, defaultBranchBase, message, mergeRequest] = await Promise.all([
    merged !== null || DIFFLESS_SOURCES.has(source) ? null : pushedBefore(folder, repository, ref),
    merged === null ? leftDefaultBranch(folder, repository, ref) : null,
    ref.kind === 'tag' ? readTagMessage(folder, ref.name) : null,
    merged !== null && source === 'merge_request_event' ? describeMergeRequest(folder, merged) : null,
  ]);
  const base = merged?.baseSha ?? before;
  return {
    source,
    project: {
      id: 1,
      path: repository.projectPath,
      title: basename(repository.projectPath),
      defaultBranch: repository.defaultBranch,
      visibility: 'private',
      configPath: request.configPath,
    },
    commit: { ...repository.commit, beforeSha: before ?? ZERO_SHA, tagMessage: message, defaultBranchBase },
    // GitLab's defaults: the default branch is protected, no tag is, and a merge request's ref is neither.
    ref: {
      ...ref,
      protected: ref.kind === 'branch' && mergeRequest === null && ref.name === repository.defaultBranch,
    },
    mergeRequest,
    pullRequest:
      merged !== null && mergeRequest === null
        ? {
            sourceBranch: merged.sourceBranch,
            sourceSha: repository.commit.sha,
            targetBranch: merged.targetBranch,
            targetSha: merged.targetSha,
          }
        : null,
    upstream: null,
    changedFiles: base === null ? null : await changedFilesSince(folder, base),
    pipeline: {
      id: Math.floor(request.now.getTime() / 1000),
      iid: repository.commitCount,
      createdAt: request.now,
      // Schedules are the server's: nobody knows here what one is called.
      scheduleDescription: null,
    },
    user: { id: 1, ...repository.user },
    server: repository.server,
    projectVariables: {},
    pipelineVariables: request.variables,
    inputs: request.inputs,
    ignoreSkipCi: true,
  };
}

interface Repository {
  readonly commit: Pick<CommitContext, 'sha' | 'author' | 'timestamp' | 'message'>;
  readonly commitCount: number;
  /** null when a commit and not a branch is checked out, or there is no repository. */
  readonly branch: string | null;
  /** Those that a pipeline may ask about, by their full names. */
  readonly refs: ReadonlyMap<string, Ref>;
  readonly defaultBranch: string;
  readonly projectPath: string;
  readonly server: PipelineContext['server'];
  readonly user: { readonly login: string; readonly name: string; readonly email: string };
}

async function readRepository(
  { repository: folder, ref }: ContextRequest,
  answers: RepositoryAnswers,
): Promise<Repository> {
  const head = await answers.branch;
  const branch = head?.replace(/^refs\/heads\//, '') ?? null;
  const refs = await readRefs(folder, [...DEFAULT_REFS, ...refsNamed(ref ?? branch)]);
  const [commit, commitCount, settings] = await Promise.all([
    answers.head,
    answers.commitCount,
    answers.settings,
  ]);
  const remote = settings.get('remote.origin.url');
  const email = settings.get('user.email');
  const [sha = ZERO_SHA, author = '', timestamp = '1970-01-01T00:00:00+00:00', message = ''] =
    commit?.split('\0') ?? [];
  const origin = remote === undefined ? null : parseRemote(remote);
  return {
    commit: { sha, author, timestamp: timestamp.replace(/Z$/, '+00:00'), message },
    commitCount,
    branch,
    refs,
    defaultBranch: defaultBranch(refs) ?? branch ?? 'main',
    projectPath: origin?.path ?? `local/${basename(folder)}`,
    server: { url: origin?.server ?? 'http://localhost', sshPort: origin?.sshPort ?? 22 },
    user: {
      name: settings.get('user.name') ?? 'Local User',
      email: email ?? 'user@localhost',
      login: email?.split('@')[0] ?? 'local',
    },
  };
}

const ORIGIN_HEAD = 'refs/remotes/origin/HEAD';
const DEFAULT_REFS = [ORIGIN_HEAD, 'refs/heads/main', 'refs/heads/master'] as const;

/** All that a person may mean by a name. */
function refsNamed(name: string | null): readonly string[] {
  return name === null ? [] : [`refs/heads/${name}`, `refs/remotes/origin/${name}`, `refs/tags/${name}`];
}

function defaultBranch(refs: ReadonlyMap<string, Ref>): string | null {
  const remote = refs.get(ORIGIN_HEAD)?.symbolic;
  if (remote) return remote.replace(/^refs\/remotes\/origin\//, '');
  return ['main', 'master'].find((name) => refs.has(`refs/heads/${name}`)) ?? null;
}

async function chooseRef(
  request: ContextRequest,
  repository: Repository,
): Promise<{ readonly name: string; readonly kind: 'branch' | 'tag' }> {
  if (request.tag && request.ref === null) {
    const described = await answer(request.repository, ['describe', '--tags', '--exact-match', 'HEAD']);
    if (described === null) {
      throw new AppError(
        'no-tag',
        'No tag points at the checked out commit, so there is no tag to run a pipeline for.',
        {
          hint: 'Name one: --source tag --ref v1.0.0.',
        },
      );
    }
    return { name: described, kind: 'tag' };
  }
  if (request.ref === null) return { name: repository.branch ?? repository.defaultBranch, kind: 'branch' };
  const isTag = request.tag || repository.refs.has(`refs/tags/${request.ref}`);
  const isBranch = !request.tag && repository.refs.has(`refs/heads/${request.ref}`);
  return { name: request.ref, kind: isTag && !isBranch ? 'tag' : 'branch' };
}

/**
 * The commit that the ref stood at before this push: what the branch's upstream has; when all is pushed and nothing is
 * changed, the commit before HEAD, as after the last push. null, as for a new branch, when there is no upstream: then
 * no diff is known and every `changes` holds.
 */
async function pushedBefore(
  folder: string,
  repository: Repository,
  ref: { readonly name: string; readonly kind: 'branch' | 'tag' },
): Promise<string | null> {
  if (ref.kind === 'tag') return null;
  const upstream = await upstreamCommit(folder, repository, ref.name);
  if (upstream === null) return null;
  if (upstream !== repository.commit.sha) return upstream;
  const dirty = printed(await runGitOnWorkTree(folder, ['status', '--porcelain']));
  return dirty === null ? ((await commitOf(folder, 'HEAD~1')) ?? upstream) : upstream;
}

async function upstreamCommit(
  folder: string,
  { refs, branch }: Repository,
  name: string,
): Promise<string | null> {
  const remote = `refs/remotes/origin/${name}`;
  const known = refs.get(remote)?.commit;
  if (known !== undefined) return known;
  // No branch is checked out, so it was not known whose refs to ask for.
  if (branch === null) return commitOf(folder, remote);
  const followed = name === branch ? refs.get(`refs/heads/${name}`)?.upstream : null;
  return followed ? commitOf(folder, followed) : null;
}

/** Where a branch left the default branch; only of branches other than that. */
async function leftDefaultBranch(
  folder: string,
  { commit, defaultBranch }: Repository,
  ref: { readonly name: string; readonly kind: 'branch' | 'tag' },
): Promise<string | null> {
  if (ref.kind === 'tag' || ref.name === defaultBranch || commit.sha === ZERO_SHA) return null;
  const left = await commitOfBranch(folder, defaultBranch);
  return left === null ? null : answer(folder, ['merge-base', '--end-of-options', left, commit.sha]);
}

const MERGING_SOURCES: ReadonlySet<PipelineSource> = new Set([
  'merge_request_event',
  'external_pull_request_event',
]);

/** Pipelines that no push started: GitLab knows no diff for them. */
const DIFFLESS_SOURCES: ReadonlySet<PipelineSource> = new Set([
  'schedule',
  'web',
  'api',
  'trigger',
  'pipeline',
  'chat',
  'webide',
  'external',
  'ondemand_dast_scan',
  'ondemand_dast_validation',
  'security_orchestration_policy',
]);

const ZERO_SHA = '0'.repeat(40);
