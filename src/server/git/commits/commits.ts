import type { CommitContext, Elsewhere, SourceFile, Sources, SourceTree } from '../../../config/index.ts';
import { startServerGit } from '../git-process.ts';
import type { Repositories } from '../repositories.ts';
import { type Peeled, readCommit } from './commit-object.ts';
import { type CommitFiles, commitFiles, commitSources } from './commit-sources.ts';
import { diffTrees, type TreeDiff } from './diff-trees.ts';
import { createObjectPool } from './object-pool.ts';
import type { GitObjects } from './objects.ts';
import { readGit } from './read-git.ts';
import { refNames } from './ref-names.ts';

/**
 * What pipelines ask of the repositories of a server, a project each by its number. A hash is that of a commit or of an
 * annotated tag; a ref is `main`, `v1.0.0`, `refs/heads/main`, a hash or `HEAD`, a tag before a branch, as for git. Calls
 * may overlap. All but `mergeBase` and `tags` go through one git process of the repository.
 * Everything throws AppError `git-failed` when git cannot be asked.
 */
export interface Commits {
  /** The commit that a ref stands for; null when it is none, whatever it holds. */
  resolve(project: number, ref: string): Promise<string | null>;
  /** All that a pipeline's variables say of its commit; null when the hash is of no commit. */
  facts(project: number, request: CommitFactsRequest): Promise<CommitContext | null>;
  /**
   * The files of a commit for `readPipeline`, and the changes since other refs. null when the hash is of no commit.
   * `listFiles` throws AppError `too-many-files` where nobody could wait for it.
   */
  sources(project: number, hash: string, elsewhere: Elsewhere): Promise<Sources | null>;
  /** The files of a commit alone. */
  files(project: number, hash: string): Promise<SourceTree | null>;
  /** null when the ref is of no commit. */
  readFileAtRef(project: number, ref: string, path: string): Promise<SourceFile | null>;
  /**
   * The paths that differ, for `PipelineContext.changedFiles`: between before and after a push, or between the merge base
   * and the head of a merge request. null when no diff is known, so that every `changes` holds: a new branch, a
   * commit that is no longer there, or more paths than `changes` compares.
   */
  changedFiles(project: number, before: string | null, after: string): Promise<readonly string[] | null>;
  /** The commit where two went different ways; null when they have none in common, or one is not there. */
  mergeBase(project: number, one: string, other: string): Promise<string | null>;
  /** The names of all tags. */
  tags(project: number): Promise<readonly string[]>;
  /** Ends what is kept for the project; to be called before its repository is removed. */
  forget(project: number): void;
  /** Ends all git processes that are kept. */
  close(): void;
}

export interface CommitFactsRequest {
  /** What was pushed: of a tag its own hash, where it is annotated. */
  readonly hash: string;
  /** What the ref was before; null: nothing, or it is not known. */
  readonly before: string | null;
  readonly ref: { readonly name: string; readonly kind: 'branch' | 'tag' };
  readonly defaultBranch: string;
}

export function openCommits(repositories: Repositories, limits: Partial<CommitsLimits> = {}): Commits {
  const { processes, idleMs } = { ...COMMITS_LIMITS, ...limits };
  const config = repositories.config(false, { mayPush: false, maxPushBytes: 0 });
  const pool = createObjectPool({
    most: processes,
    idleMs,
    start: (project) =>
      startServerGit(
        ['--git-dir', repositories.folderOf(project), 'cat-file', '--batch', '--follow-symlinks'],
        config,
      ),
  });

  async function peel(project: number, ref: string): Promise<Peeled | null> {
    const objects = pool.of(project);
    const found = await Promise.all(refNames(ref).map((name) => readCommit(objects, name)));
    return found.find((each) => each !== null) ?? null;
  }

  async function filesAt(project: number, ref: string): Promise<CommitFiles | null> {
    const peeled = await peel(project, ref);
    return peeled === null ? null : commitFiles(pool.of(project), peeled.commit.tree);
  }

  async function diff(project: number, before: string, after: string): Promise<TreeDiff | null> {
    const [from, to] = await Promise.all([peel(project, before), peel(project, after)]);
    if (from === null || to === null) return null;
    return diffTrees(pool.of(project), from.commit.tree, to.commit.tree);
  }

  async function mergeBase(project: number, one: string, other: string): Promise<string | null> {
    const [left, right] = await Promise.all([peel(project, one), peel(project, other)]);
    if (left === null || right === null) return null;
    if (left.commit.id === right.commit.id) return left.commit.id;
    const args = ['merge-base', '--end-of-options', left.commit.id, right.commit.id];
    return (await readGit(repositories, project, args))?.trim() ?? null;
  }

  /** What is too much for `changes` is given all the same: a path too many, and every pattern holds. */
  async function changedSince(project: number, ref: string, commit: string) {
    const base = await mergeBase(project, ref, commit);
    return base === null ? null : ((await diff(project, base, commit))?.paths ?? null);
  }

  return {
    mergeBase,
    resolve: async (project, ref) => (await peel(project, ref))?.commit.id ?? null,
    async facts(project, { hash, before, ref, defaultBranch }) {
      const leaves = ref.kind === 'branch' && ref.name !== defaultBranch;
      const [peeled, defaultBranchBase] = await Promise.all([
        peel(project, hash),
        leaves ? mergeBase(project, `refs/heads/${defaultBranch}`, hash) : null,
      ]);
      if (peeled === null) return null;
      const { id, message, author, timestamp } = peeled.commit;
      const tagMessage = ref.kind === 'tag' ? peeled.tagMessage : null;
      const beforeSha = ref.kind === 'tag' || before === null ? '0'.repeat(id.length) : before;
      return { sha: id, beforeSha, message, author, timestamp, tagMessage, defaultBranchBase };
    },
    async sources(project, hash, elsewhere) {
      const peeled = await peel(project, hash);
      if (peeled === null) return null;
      const { id, tree } = peeled.commit;
      const objects: GitObjects = pool.of(project);
      return commitSources({
        ...{ objects, tree, elsewhere },
        changedSince: (ref) => changedSince(project, ref, id),
      });
    },
    files: filesAt,
    readFileAtRef: async (project, ref, path) => (await filesAt(project, ref))?.readFile(path) ?? null,
    async changedFiles(project, before, after) {
      const found = before === null ? null : await diff(project, before, after);
      return found === null || found.isCut ? null : found.paths;
    },
    async tags(project) {
      const listed = await readGit(repositories, project, [
        ...['for-each-ref', '--format=%(refname:strip=2)', '--', 'refs/tags/'],
      ]);
      return listed?.split('\n').filter((name) => name !== '') ?? [];
    },
    forget: pool.forget,
    close: pool.close,
  };
}

export interface CommitsLimits {
  /** git processes kept at once; more are there only while each has a question to answer. */
  readonly processes: number;
  /** A process without questions for so long is ended. */
  readonly idleMs: number;
}

const COMMITS_LIMITS: CommitsLimits = { processes: 16, idleMs: 5_000 };
