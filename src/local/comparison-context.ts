import {
  type ContextVariable,
  type PipelineContext,
  type PipelineSource,
  splitMessage,
} from '../config/index.ts';
import { changedFilesSince } from './changed-files.ts';
import { changedBetween } from './commit-sources.ts';
import { contextForRun } from './git-context.ts';
import { answer, askRepository, mergeBaseOf, type RepositoryAnswers, readRefs } from './repository.ts';

/** Two states of a project that are compared, and the event they are compared for. */
export interface ComparisonRequest {
  /** The top folder of the project. */
  readonly repository: string;
  readonly event: ComparedEvent;
  /** A revision as it was named, and its commit. */
  readonly base: { readonly revision: string; readonly commit: string };
  /** null: the work tree. */
  readonly head: { readonly revision: string; readonly commit: string } | null;
  /** The branch that is pushed; null: the head's own, or the one that is checked out. */
  readonly branch: string | null;
  /** What the tag is called; null: as the newest one. */
  readonly tag: string | null;
  /** The branch a merge request goes to; null: the base, when it is one, else the default branch. */
  readonly target: string | null;
  /** `changes` see the files that differ between the two; otherwise no diff is known, and they all hold. */
  readonly knowsChanges: boolean;
  readonly variables: Readonly<Record<string, ContextVariable>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly configPath: string;
  readonly now: Date;
}

export type ComparedEvent = PipelineSource | 'tag';

/** The event of a comparison, which is the same for both sides: its commit is the later one. */
export async function contextForComparison(request: ComparisonRequest): Promise<PipelineContext> {
  const { repository, event, head, branch, variables, inputs, configPath, now } = request;
  const answers = askRepository(repository, head?.commit ?? 'HEAD');
  const given = { repository, target: request.target, variables, inputs, configPath, now };
  if (event === 'tag') {
    const ref = request.tag ?? (await newestTag(repository)) ?? FIRST_TAG;
    return contextForRun({ ...given, source: 'push', ref, tag: true }, answers);
  }
  const ref = branch ?? (await branchNamed(repository, head?.revision ?? null));
  if (event === 'merge_request_event') return mergeRequestContext(request, given, ref, answers);
  const context = await contextForRun({ ...given, source: event, ref, tag: false }, answers);
  return { ...context, changedFiles: context.source === 'push' ? await changedFiles(request) : null };
}

const FIRST_TAG = 'v1.0.0';

async function newestTag(repository: string): Promise<string | null> {
  const format = '--format=%(refname:strip=2)';
  return answer(repository, ['for-each-ref', '--sort=-creatordate', '--count=1', format, '--', 'refs/tags']);
}

/** The branch that a revision is the name of; null when it is none. */
async function branchNamed(repository: string, revision: string | null): Promise<string | null> {
  if (revision === null || revision === 'HEAD') return null;
  const name = revision.replace(/^origin\//, '');
  const refs = await readRefs(repository, [`refs/heads/${revision}`, `refs/remotes/origin/${name}`]);
  return refs.size === 0 ? null : name;
}

/** The base is what the request goes to, whether or not there is a branch that stands there. */
async function mergeRequestContext(
  request: ComparisonRequest,
  given: Omit<Parameters<typeof contextForRun>[0], 'source' | 'ref' | 'tag'>,
  ref: string | null,
  answers: RepositoryAnswers,
): Promise<PipelineContext> {
  const { repository, base } = request;
  const pushed = await contextForRun({ ...given, source: 'push', ref, tag: false }, answers);
  const [named, left] = await Promise.all([
    branchNamed(repository, base.revision),
    mergeBaseOf(repository, base.commit, request.head?.commit ?? 'HEAD'),
  ]);
  const { title, description } = splitMessage(pushed.commit.message);
  return {
    ...pushed,
    source: 'merge_request_event',
    commit: { ...pushed.commit, beforeSha: '0'.repeat(40), defaultBranchBase: null },
    ref: { ...pushed.ref, protected: false },
    mergeRequest: {
      iid: 1,
      title,
      description,
      sourceBranch: pushed.ref.name,
      targetBranch: request.target ?? named ?? pushed.project.defaultBranch,
      targetBranchSha: base.commit,
      diffBaseSha: left ?? base.commit,
      labels: [],
    },
    changedFiles: await changedFiles(request),
  };
}

/** What differs since the two went different ways. */
async function changedFiles(request: ComparisonRequest): Promise<readonly string[] | null> {
  const { repository, base, head, knowsChanges } = request;
  if (!knowsChanges) return null;
  if (head !== null) return changedBetween(repository, base.commit, head.commit);
  const left = await mergeBaseOf(repository, base.commit, 'HEAD');
  return changedFilesSince(repository, left ?? base.commit);
}
