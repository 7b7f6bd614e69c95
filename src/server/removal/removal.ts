import {
  type Blobs,
  type LeasedEntry,
  type LeftBehind,
  listPipelines,
  type Outbox,
  removePipeline,
  removeProject,
  type Store,
  type Tx,
} from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import type { Commits, Repositories } from '../git/index.ts';

export const REMOVAL_TOPIC = 'removal';

/** What is to be removed outside the database: written together with what was removed in it. */
type Removal =
  | { readonly kind: 'files'; readonly left: LeftBehind }
  | { readonly kind: 'project'; readonly id: number };

export function removeFilesLater(outbox: Outbox, tx: Tx, left: LeftBehind): Promise<void> {
  if (left.blobs.length === 0 && left.jobs.length === 0) return Promise.resolve();
  return append(outbox, tx, `files ${left.jobs[0] ?? left.blobs[0]}`, { kind: 'files', left });
}

export function removeProjectLater(outbox: Outbox, tx: Tx, id: number): Promise<void> {
  return append(outbox, tx, `project ${id}`, { kind: 'project', id });
}

function append(outbox: Outbox, tx: Tx, key: string, body: Removal): Promise<void> {
  return outbox.append(tx, [{ topic: REMOVAL_TOPIC, key, body }]);
}

export interface RemovalParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly repositories: Repositories;
  readonly commits: Commits;
}

/** Removes what is left; all of it may be done twice, and a project of many pipelines goes piece by piece. */
export function createRemoval(parts: RemovalParts): { carryOut(entry: LeasedEntry): Promise<void> } {
  const { store, blobs, repositories, commits } = parts;

  async function removeFiles({ blobs: keys, jobs }: LeftBehind): Promise<void> {
    for (const key of keys) await blobs.delete(key);
    for (const job of jobs) await blobs.traces.delete(traceKey(job));
  }

  async function removeAll(projectId: number): Promise<void> {
    for (;;) {
      const some = await store.read((db) => listPipelines(db, { projectId }, { limit: AT_ONCE }));
      for (const { id } of some) {
        // A file that is left behind by a crash in between belongs to nobody, and costs its place on the disk alone.
        const left = await store.write(({ db }) => removePipeline(db, id));
        await removeFiles(left);
      }
      if (some.length < AT_ONCE) break;
    }
    commits.forget(projectId);
    await repositories.remove(projectId);
    await store.write(({ db }) => removeProject(db, projectId));
  }

  return {
    async carryOut({ body }) {
      const removal = readRemoval(body);
      if (removal.kind === 'files') await removeFiles(removal.left);
      else await removeAll(removal.id);
    },
  };
}

const AT_ONCE = 100;

/** Only this file writes them. */
function readRemoval(body: unknown): Removal {
  const removal: Removal = JSON.parse(JSON.stringify(body));
  return removal;
}
