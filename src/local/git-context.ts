import { basename } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { type GitResult, runGit, runGitOnWorkTree } from '../base/git.ts';
import type { CommitContext, ContextVariable, PipelineContext, PipelineSource } from '../config/index.ts';

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
 * @throws AppError `no-tag` when a tag pipeline is asked for and no tag is there.
 */
export async function contextForRun(request: ContextRequest): Promise<PipelineContext> {
  const repository = await readRepository(request.repository);
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
      tagMessage: ref.kind === 'tag' ? await tagMessage(request.repository, ref.name) : null,
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

/** The top folder of the repository that `folder` is in; the folder itself when it is in none. */
export async function repositoryRoot(folder: string): Promise<string> {
  const top = await runGit(folder, ['rev-parse', '--show-toplevel']);
  return top.ok ? top.stdout.trimEnd() : folder;
}

interface Repository {
  readonly commit: Omit<CommitContext, 'beforeSha' | 'tagMessage'>;
  readonly commitCount: number;
  /** null when a commit and not a branch is checked out, or there is no repository. */
  readonly branch: string | null;
  readonly defaultBranch: string;
  readonly projectPath: string;
  readonly serverUrl: string;
  readonly user: { readonly login: string; readonly name: string; readonly email: string };
}

async function readRepository(folder: string): Promise<Repository> {
  const [head, branch, remote, originHead, branches, count, name, email] = await Promise.all([
    answer(folder, ['log', '-1', '--format=%H%x00%an <%ae>%x00%cI%x00%B', 'HEAD']),
    answer(folder, ['symbolic-ref', '--short', '-q', 'HEAD']),
    answer(folder, ['config', '--get', 'remote.origin.url']),
    answer(folder, ['symbolic-ref', '--short', '-q', 'refs/remotes/origin/HEAD']),
    answer(folder, ['for-each-ref', '--format=%(refname:short)', 'refs/heads/main', 'refs/heads/master']),
    answer(folder, ['rev-list', '--count', 'HEAD']),
    answer(folder, ['config', '--get', 'user.name']),
    answer(folder, ['config', '--get', 'user.email']),
  ]);
  const [sha = ZERO_SHA, author = '', timestamp = '1970-01-01T00:00:00+00:00', message = ''] =
    head?.split('\0') ?? [];
  const origin = remote === null ? null : parseRemote(remote);
  return {
    commit: { sha, author, timestamp, message },
    commitCount: count === null ? 1 : Number.parseInt(count, 10),
    branch,
    defaultBranch: originHead?.replace(/^origin\//, '') ?? branches?.split('\n')[0] ?? branch ?? 'main',
    projectPath: origin?.path ?? `local/${basename(folder)}`,
    serverUrl: origin?.server ?? 'http://localhost',
    user: {
      name: name ?? 'Local User',
      email: email ?? 'user@localhost',
      login: email?.split('@')[0] ?? 'local',
    },
  };
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
  const isTag = request.tag || (await hasRef(request.repository, `refs/tags/${request.ref}`));
  const isBranch = !request.tag && (await hasRef(request.repository, `refs/heads/${request.ref}`));
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
  const upstream =
    (await commitOf(folder, `refs/remotes/origin/${ref.name}`)) ??
    (ref.name === repository.branch ? await commitOf(folder, '@{upstream}') : null);
  if (upstream === null) return null;
  if (upstream !== repository.commit.sha) return upstream;
  const dirty = printed(await runGitOnWorkTree(folder, ['status', '--porcelain']));
  return dirty === null ? ((await commitOf(folder, 'HEAD~1')) ?? upstream) : upstream;
}

/** Committed changes since the base and uncommitted ones, new files included. */
async function changedFiles(folder: string, base: string): Promise<readonly string[]> {
  const [tracked, untracked] = await Promise.all([
    runGitOnWorkTree(folder, ['diff', '--name-only', '--no-renames', '-z', '--end-of-options', base, '--']),
    answer(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  const paths = `${printed(tracked) ?? ''}\0${untracked ?? ''}`.split('\0').filter((path) => path !== '');
  return [...new Set(paths)].sort();
}

async function tagMessage(folder: string, tag: string): Promise<string | null> {
  const type = await answer(folder, ['for-each-ref', '--format=%(objecttype)', `refs/tags/${tag}`]);
  return type === 'tag'
    ? answer(folder, ['for-each-ref', '--format=%(contents:subject)', `refs/tags/${tag}`])
    : null;
}

async function hasRef(folder: string, ref: string): Promise<boolean> {
  return (await runGit(folder, ['show-ref', '--verify', '--quiet', '--', ref])).ok;
}

async function commitOf(folder: string, revision: string): Promise<string | null> {
  return answer(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
}

/** What git printed, trimmed at the end; null when it failed or printed nothing. */
async function answer(folder: string, args: readonly string[]): Promise<string | null> {
  return printed(await runGit(folder, args));
}

function printed(result: GitResult): string | null {
  if (!result.ok) return null;
  const text = result.stdout.trimEnd();
  return text === '' ? null : text;
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
