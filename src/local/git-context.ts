import { basename } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { runGitOnWorkTree } from '../base/git.ts';
import type { CommitContext, ContextVariable, PipelineContext, PipelineSource } from '../config/index.ts';
import {
  answer,
  askRepository,
  commitOf,
  printed,
  type Ref,
  type RepositoryAnswers,
  readRefs,
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
  const repository = await readRepository(request, answers);
  const ref = await chooseRef(request, repository);
  const mergeRequest =
    request.source === 'merge_request_event' ? await readMergeRequest(request, repository, ref.name) : null;
  const before = mergeRequest === null ? await pushedBefore(request.repository, repository, ref) : null;
  const base = mergeRequest?.diffBaseSha ?? before;
  return {
    source: request.source,
    project: {
      id: 1,
      path: repository.projectPath,
      title: basename(repository.projectPath),
      defaultBranch: repository.defaultBranch,
      visibility: 'private',
      configPath: request.configPath,
    },
    commit: {
      ...repository.commit,
      beforeSha: before ?? ZERO_SHA,
      tagMessage: ref.kind === 'tag' ? await tagMessage(request.repository, repository, ref.name) : null,
    },
    ref: { ...ref, protected: ref.kind === 'tag' || ref.name === repository.defaultBranch },
    mergeRequest,
    changedFiles:
      DIFFLESS_SOURCES.has(request.source) || base === null
        ? null
        : await changedFiles(request.repository, base),
    pipeline: {
      id: Math.floor(request.now.getTime() / 1000),
      iid: repository.commitCount,
      createdAt: request.now,
      scheduleDescription: request.source === 'schedule' ? 'local run' : null,
    },
    user: { id: 1, ...repository.user },
    server: { url: repository.serverUrl },
    projectVariables: {},
    pipelineVariables: request.variables,
    inputs: request.inputs,
    ignoreSkipCi: true,
  };
}

interface Repository {
  readonly commit: Omit<CommitContext, 'beforeSha' | 'tagMessage'>;
  readonly commitCount: number;
  /** null when a commit and not a branch is checked out, or there is no repository. */
  readonly branch: string | null;
  /** Those that a pipeline may ask about, by their full names. */
  readonly refs: ReadonlyMap<string, Ref>;
  readonly defaultBranch: string;
  readonly projectPath: string;
  readonly serverUrl: string;
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
    commit: { sha, author, timestamp, message },
    commitCount,
    branch,
    refs,
    defaultBranch: defaultBranch(refs) ?? branch ?? 'main',
    projectPath: origin?.path ?? `local/${basename(folder)}`,
    serverUrl: origin?.server ?? 'http://localhost',
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

async function readMergeRequest(request: ContextRequest, repository: Repository, sourceBranch: string) {
  const targetBranch = request.target ?? repository.defaultBranch;
  const target =
    (await commitOf(request.repository, `refs/remotes/origin/${targetBranch}`)) ??
    (await commitOf(request.repository, `refs/heads/${targetBranch}`));
  if (target === null) {
    throw new AppError(
      'no-target-branch',
      `The merge request's target branch '${targetBranch}' is not in this repository.`,
      {
        hint: 'Fetch it, or name another with --target.',
      },
    );
  }
  const base = await answer(request.repository, ['merge-base', '--end-of-options', target, 'HEAD']);
  return {
    iid: 1,
    title: repository.commit.message.split('\n')[0] ?? '',
    sourceBranch,
    targetBranch,
    targetBranchSha: target,
    diffBaseSha: base ?? target,
    labels: [],
  };
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

/** Committed changes since the base and uncommitted ones, new files included: below the folder, and relative to it. */
async function changedFiles(folder: string, base: string): Promise<readonly string[]> {
  const [tracked, untracked] = await Promise.all([
    runGitOnWorkTree(folder, [
      ...['diff', '--name-only', '--no-renames', '--relative', '-z'],
      ...['--end-of-options', base, '--'],
    ]),
    answer(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  const paths = `${printed(tracked) ?? ''}\0${untracked ?? ''}`.split('\0').filter((path) => path !== '');
  return [...new Set(paths)].sort();
}

async function tagMessage(folder: string, { refs }: Repository, tag: string): Promise<string | null> {
  const name = `refs/tags/${tag}`;
  const ref = refs.get(name) ?? (await readRefs(folder, [name])).get(name);
  return ref?.tagMessage ?? null;
}

/** `https://host/group/name.git`, `git@host:group/name.git` and `ssh://` forms; null for a path of this machine. */
export function parseRemote(url: string): { readonly server: string; readonly path: string } | null {
  const match =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?(?<host>[^/:]+)(?::\d+)?\/(?<path>.+?)(?:\.git)?\/?$/.exec(url) ??
    /^(?:[^@/]+@)(?<host>[^/:]+):(?<path>[^/].*?)(?:\.git)?\/?$/.exec(url);
  const { host, path } = match?.groups ?? {};
  return host === undefined || path === undefined ? null : { server: `https://${host}`, path };
}

/** Pipelines that no push started: GitLab knows no diff for them. */
const DIFFLESS_SOURCES: ReadonlySet<PipelineSource> = new Set([
  'schedule',
  'web',
  'api',
  'trigger',
  'pipeline',
  'chat',
]);

const ZERO_SHA = '0'.repeat(40);
