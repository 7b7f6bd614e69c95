import type { Clock } from '../../base/clock.ts';
import type { MergeRequestContext, PipelineContext } from '../../config/index.ts';
import {
  type LeasedEntry,
  type MergeRequest,
  moveMergeRequest,
  type Outbox,
  openMergeRequestsInto,
  openMergeRequestsOf,
  PIPELINE_WORK,
  type Project,
  projectById,
  type Store,
  type Tx,
  updateMergeRequest,
} from '../../store/index.ts';
import { type Commits, keepServerRef, type Repositories } from '../git/index.ts';
import type { OrderedPipeline, PipelineMaker } from '../pipelines/create-pipeline.ts';
import { MERGE_REQUEST_ORDERS } from './merge-request-orders.ts';
import { mergeRequestRef } from './merge-request-ref.ts';

export interface MergeRequestPipelinesParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly maker: PipelineMaker;
  readonly commits: Commits;
  readonly repositories: Repositories;
  readonly administrator: PipelineContext['user'];
}

export interface MergeRequestPipelines {
  /** Looks at the merge requests of a branch after a push; it may be called twice for one. */
  carryOut(entry: LeasedEntry): Promise<void>;
  /** Makes a pipeline of the head of a merge request because somebody wants it. null: one of its branches is gone. */
  make(project: Project, request: MergeRequest): Promise<OrderedPipeline | null>;
}

/**
 * Pipelines of merge requests: of the source branch as it is, with the changes since the two branches went different
 * ways. A new one cancels older ones that it makes redundant.
 */
export function createMergeRequestPipelines(parts: MergeRequestPipelinesParts): MergeRequestPipelines {
  const { store, outbox, clock, maker, commits, repositories } = parts;

  async function makeFor(
    project: Project,
    request: MergeRequest,
    also: (tx: Tx, head: string) => Promise<void>,
  ): Promise<OrderedPipeline | null> {
    const head = await commits.resolve(project.id, `refs/heads/${request.sourceBranch}`);
    const target = await commits.resolve(project.id, `refs/heads/${request.targetBranch}`);
    if (head === null || target === null) return null;
    await keepServerRef(repositories, project.id, mergeRequestRef(request.iid), head);
    const mergeRequest: MergeRequestContext = {
      iid: request.iid,
      title: request.title,
      description: request.description,
      sourceBranch: request.sourceBranch,
      targetBranch: request.targetBranch,
      targetBranchSha: target,
      // Without a commit in common everything counts as changed.
      diffBaseSha: (await commits.mergeBase(project.id, target, head)) ?? '',
      labels: request.labels,
    };
    const made = await maker.make({
      project,
      ref: { name: request.sourceBranch, kind: 'branch' },
      ...{ hash: head, before: null, source: 'merge_request_event', user: parts.administrator },
      ...{ variables: {}, inputs: {}, mergeRequest },
      async also(tx, { id }) {
        await also(tx, head);
        if (!project.settings.autoCancelRedundant) return;
        const ref = mergeRequestRef(request.iid);
        const body = PIPELINE_WORK.write({ newer: { projectId: project.id, ref, id } });
        await outbox.append(tx, [{ topic: PIPELINE_WORK.name, key: `ref ${project.id} ${ref}`, body }]);
      },
    });
    if (made.kind === 'none') await store.write((tx) => also(tx, head));
    return made;
  }

  async function pushed(project: Project, request: MergeRequest): Promise<void> {
    try {
      await makeFor(project, request, async ({ db }, sha) => {
        if (!(await moveMergeRequest(db, { id: request.id, sha, now: clock.now() }))) throw new SeenBefore();
      });
    } catch (error) {
      if (!(error instanceof SeenBefore)) throw error;
    }
  }

  /** One whose commits are all in its target has been merged, wherever that was done. */
  async function mergedBy(project: Project, { id, sha }: MergeRequest, target: string): Promise<void> {
    if (sha === null || (await commits.mergeBase(project.id, sha, target)) !== sha) return;
    await store.write(({ db }) => updateMergeRequest(db, id, { state: 'merged' }, clock.now()));
  }

  return {
    async carryOut({ body }) {
      const { projectId, name } = MERGE_REQUEST_ORDERS.read(body);
      const found = await store.read(async (db) => ({
        project: await projectById(db, projectId),
        from: await openMergeRequestsOf(db, projectId, name),
        into: await openMergeRequestsInto(db, projectId, name),
      }));
      const { project } = found;
      if (project === null) return;
      for (const request of found.from) await pushed(project, request);
      const target = await commits.resolve(projectId, `refs/heads/${name}`);
      if (target === null) return;
      for (const request of found.into) await mergedBy(project, request, target);
    },
    make: (project, request) =>
      makeFor(project, request, async ({ db }, sha) => {
        await moveMergeRequest(db, { id: request.id, sha, now: clock.now() });
      }),
  };
}

/** Undoes the pipeline that would have been a second one. */
class SeenBefore extends Error {
  override readonly name = 'SeenBefore';
}
