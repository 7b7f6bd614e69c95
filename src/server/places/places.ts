import {
  type Blobs,
  closePlace,
  forgetPlace,
  hasWorked,
  type JobAtPlace,
  type JobRow,
  jobsRunningAt,
  jobsWaitingAt,
  lockPipeline,
  type PipelineStore,
  pipelineById,
  placeOf,
  type Store,
  type Tx,
  waitsForPerson,
} from '../../store/index.ts';
import { createLogTeller } from '../pipelines/tell-in-log.ts';
import { beginAgain, eventsToRetry } from './begin-again.ts';

/** What becomes of the places where pipelines have files that their jobs share: docs/decisions/0011. */
export interface Places {
  /** The place is gone. Jobs that wait there end: nobody could run them. `why` ends a sentence. */
  end(pipelineId: number, why: string): Promise<void>;
  /** And so is the process that held it, with the jobs that ran in it. */
  endWithProcess(pipelineId: number): Promise<void>;
  endIn(tx: Tx, pipelineId: number, why: string): Promise<void>;
  /** An attempt was given back, and another begins. `isLeaving`: its machine goes away. */
  givenBackIn(tx: Tx, job: JobRow, isLeaving: boolean): Promise<void>;
  /** Nothing of the pipeline runs or will run by itself: its files are not wanted any more, unless a person may go on. */
  pipelineOver(pipelineId: number): Promise<void>;
  /** Whether a job that is set going finds the files it needs: they are there, or none has run that would have made any. */
  isThereIn(tx: Tx, job: JobRow): Promise<boolean>;
  /** Retries a pipeline: from its first job on, where what its jobs share is gone. */
  retry(pipelineId: number): Promise<Retried>;
  /** These wait at places that are gone. */
  giveUp(jobs: readonly JobAtPlace[]): Promise<void>;
}

export type Retried =
  | { readonly kind: 'retried' }
  /** Its place is gone, and this job has not ended there yet. */
  | { readonly kind: 'still-running'; readonly job: string };

export interface PlacesParts {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'traces'>;
  readonly pipelines: PipelineStore;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

export function createPlaces({ store, blobs, pipelines, remark }: PlacesParts): Places {
  const tell = createLogTeller({ blobs, remark });

  async function endIn(tx: Tx, pipelineId: number, why: string, isProcessGone = false): Promise<void> {
    if (!(await lockPipeline(store, tx, pipelineId))) return;
    const place = await placeOf(tx.db, pipelineId);
    if (place === null || !place.isHeld) return;
    await closePlace(tx.db, place);
    if (isProcessGone) await failIn(tx, pipelineId, await jobsRunningAt(tx.db, place), why);
    // The end of one may be what another has waited for. None is told twice, whatever comes of it: this is a transaction.
    const told = new Set<number>();
    for (;;) {
      const waiting = (await jobsWaitingAt(tx.db, place.id)).filter(({ id }) => !told.has(id));
      if (waiting.length === 0) break;
      for (const { id } of waiting) told.add(id);
      await failIn(tx, pipelineId, waiting, why);
    }
  }

  async function failIn(
    tx: Tx,
    pipelineId: number,
    jobs: readonly Omit<JobAtPlace, 'pipelineId'>[],
    why: string,
  ): Promise<void> {
    await pipelines.applyIn(
      tx,
      pipelineId,
      jobs.map(({ name: job, attempt }) => ({
        type: 'job-finished',
        ...{ job, attempt },
        outcome: { status: 'failed', reason: 'runner_system_failure', exitCode: null },
      })),
    );
    tx.afterCommit(() => {
      for (const { id } of jobs) {
        const gone = `The files that the jobs of this pipeline share are gone: ${why}.`;
        void tell(id, `${gone} Retry the pipeline: it begins again with its first job.`);
      }
    });
  }

  return {
    end: (pipelineId, why) => store.write((tx) => endIn(tx, pipelineId, why)),
    endWithProcess: (pipelineId) =>
      store.write((tx) => endIn(tx, pipelineId, 'the runner that had them has ended', true)),
    endIn,
    async givenBackIn(tx, job, isLeaving) {
      if (job.place_id === null) return;
      const place = await placeOf(tx.db, job.pipeline_id);
      if (place === null || place.id !== job.place_id) return;
      // Nothing has been written there that anybody could miss: the pipeline may begin elsewhere.
      if (place.isHeld && !(await hasWorked(tx.db, place, job.id))) await forgetPlace(tx.db, place);
      else if (isLeaving) await endIn(tx, job.pipeline_id, 'the machine that had them went away');
    },
    async pipelineOver(pipelineId) {
      const found = await store.read((db) => placeOf(db, pipelineId));
      if (found?.isHeld !== true) return;
      await store.write(async (tx) => {
        if (!(await lockPipeline(store, tx, pipelineId))) return;
        const place = await placeOf(tx.db, pipelineId);
        if (place?.isHeld !== true || !(await isOver(tx, pipelineId))) return;
        if (!(await waitsForPerson(tx.db, place))) await closePlace(tx.db, place);
      });
    },
    async isThereIn(tx, { pipeline_id: pipelineId, place_id: placeId }) {
      if (placeId === null) return true;
      if (!(await lockPipeline(store, tx, pipelineId))) return false;
      const place = await placeOf(tx.db, pipelineId);
      return place !== null && place.id === placeId && place.isHeld;
    },
    async retry(pipelineId) {
      const state = await pipelines.state(pipelineId);
      if (state === null) return { kind: 'retried' };
      const again = beginAgain(state);
      return await store.write(async (tx): Promise<Retried> => {
        await lockPipeline(store, tx, pipelineId);
        const place = await placeOf(tx.db, pipelineId);
        if (place === null || place.isHeld) {
          await pipelines.applyIn(tx, pipelineId, eventsToRetry(state));
          return { kind: 'retried' };
        }
        if (again.stillRunning !== null) return { kind: 'still-running', job: again.stillRunning };
        if (again.anew) await forgetPlace(tx.db, place);
        await pipelines.applyIn(tx, pipelineId, again.events);
        return { kind: 'retried' };
      });
    },
    async giveUp(jobs) {
      for (const [pipelineId, some] of Map.groupBy(jobs, (job) => job.pipelineId)) {
        await store.write((tx) => failIn(tx, pipelineId, some, 'the runner that had them is gone'));
      }
    },
  };
}

/** It may have been set going again since it was told. */
async function isOver({ db }: Tx, pipelineId: number): Promise<boolean> {
  const row = await pipelineById(db, pipelineId);
  return row !== null && row.finished_at !== null;
}
