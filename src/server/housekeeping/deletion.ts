import type { Clock } from '../../base/clock.ts';
import {
  type Blobs,
  childPipelines,
  claimsOf,
  createTimers,
  forgetTestReport,
  jobsWithTests,
  type LeasedEntry,
  markProjectDeleted,
  type Outbox,
  oldestPipelines,
  type PipelineRow,
  type PipelineStore,
  pipelineById,
  type ResourceGroups,
  removePipeline,
  removeProject,
  type Store,
  type Tx,
  workKind,
} from '../../store/index.ts';
import type { Commits, Repositories } from '../git/index.ts';
import { RELEASE_COMMIT } from '../pipelines/commit-keeper.ts';
import { orderBlobRemoval } from './blob-removal.ts';

/** Projects whose pipelines and files are to go. */
export const DELETIONS = workKind<DeletedProject>('deletions');

export interface DeletionParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pipelines: PipelineStore;
  readonly groups: ResourceGroups;
  readonly outbox: Outbox;
  readonly repositories: Repositories;
  readonly commits: Commits;
  readonly clock: Clock;
}

export interface Deletion {
  /** Takes away a pipeline, its children, and soon their files. What runs is canceled. False: there was none. */
  pipeline(id: number): Promise<boolean>;
  /** Takes a project out of sight at once, and soon all that belongs to it. False: there was none. */
  project(id: number): Promise<boolean>;
  /** Goes on with a project. */
  carryOut(entry: LeasedEntry): Promise<void>;
}

interface DeletedProject {
  readonly projectId: number;
}

export function createDeletion(parts: DeletionParts): Deletion {
  const { store, pipelines, groups, outbox, repositories, commits, clock } = parts;
  const timers = createTimers(store, clock);

  async function pipeline(id: number): Promise<boolean> {
    if ((await pipelines.apply(id, [{ type: 'pipeline-canceled' }])) === null) return false;
    for (const child of await store.read((db) => childPipelines(db, id))) await pipeline(child);
    // Apart: there may be hundreds of thousands of results, and nobody is to wait for all of them.
    for (const job of await store.read((db) => jobsWithTests(db, id))) {
      await store.write(({ db }) => forgetTestReport(db, job));
    }
    return store.write(async (tx) => {
      // Whoever changes the pipeline at this moment is waited for.
      if ((await pipelines.applyIn(tx, id, [])) === null) return false;
      const granted = [];
      for (const claim of await claimsOf(tx.db, id)) granted.push(...(await groups.release(tx, claim)));
      const row = await pipelineById(tx.db, id);
      const remains = await removePipeline(tx.db, id);
      if (row === null || remains === null) return false;
      await releaseCommit(tx, row);
      await orderBlobRemoval(outbox, tx, { blobs: remains.blobs, logsOf: remains.jobIds });
      for (const { pipelineId, job, attempt } of granted) {
        await pipelines.applyIn(tx, pipelineId, [{ type: 'resource-granted', job, attempt }]);
      }
      return true;
    });
  }

  /** Runners that are at work on its jobs hear that these are gone; until then they may fetch. */
  function releaseCommit(tx: Tx, { id, project_id: projectId, iid }: PipelineRow): Promise<void> {
    const body = RELEASE_COMMIT.write({ pipelineId: id, projectId, iid });
    return timers.set(tx, { kind: RELEASE_COMMIT.name, key: String(id), dueAt: clock.now() + HOUR_MS, body });
  }

  function order(projectId: number) {
    const body = DELETIONS.write({ projectId });
    return [{ topic: DELETIONS.name, key: `project ${projectId}`, body }];
  }

  return {
    pipeline,
    project: (id) =>
      store.write(async (tx) => {
        if (!(await markProjectDeleted(tx.db, id, clock.now()))) return false;
        await outbox.append(tx, order(id));
        return true;
      }),
    async carryOut({ body }) {
      const { projectId } = DELETIONS.read(body);
      const until = clock.elapsed() + SLICE_MS;
      for (;;) {
        const some = await store.read((db) => oldestPipelines(db, projectId, AT_ONCE));
        if (some.length === 0) break;
        for (const id of some) await pipeline(id);
        // Well before the lease of the entry ends, the rest becomes an entry of its own.
        if (clock.elapsed() > until) return store.write((tx) => outbox.append(tx, order(projectId)));
      }
      commits.forget(projectId);
      await repositories.remove(projectId);
      await store.write(({ db }) => removeProject(db, projectId));
    },
  };
}

const AT_ONCE = 20;
const SLICE_MS = 15_000;
const HOUR_MS = 3600_000;
