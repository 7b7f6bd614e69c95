import type { Clock } from '../../base/clock.ts';
import { jobById, type PipelineStore, runningJobs, type Store } from '../../store/index.ts';
import type { Places } from '../places/places.ts';
import { giveOutAgain } from './give-out-again.ts';

export interface LostJobsParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly places: Places;
  readonly clock: Clock;
  /** A runner that is silent for so long has lost its job. */
  readonly silentMs: number;
  /** A job that was given out and never heard of for so long never reached its runner. */
  readonly unheardMs: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/**
 * Looks for jobs whose runner is lost. Silence is measured by this process itself, from when it first saw that there was
 * nothing new: neither a clock that is set, nor a pause of the server, makes a job look lost.
 */
export function createLostJobs(parts: LostJobsParts): { look(): Promise<void> } {
  const { store, pipelines, places, clock } = parts;
  let seen = new Map<number, { readonly touchedAt: number | null; readonly since: number }>();

  async function look(): Promise<void> {
    const running = await store.read(runningJobs);
    const now = clock.elapsed();
    const next = new Map<number, { readonly touchedAt: number | null; readonly since: number }>();
    for (const job of running) {
      const before = seen.get(job.id);
      const since = before?.touchedAt === job.touched_at ? before.since : now;
      next.set(job.id, { touchedAt: job.touched_at, since });
      // As the queue writes it, a job that nobody was heard about has been touched when it started.
      const neverHeard = job.touched_at === job.started_at;
      if (now - since < (neverHeard ? parts.unheardMs : parts.silentMs)) continue;
      await giveUp(job.id, job.touched_at, neverHeard);
      next.delete(job.id);
    }
    seen = next;
  }

  async function giveUp(id: number, touchedAt: number | null, neverHeard: boolean): Promise<void> {
    const gaveUp = await store.write(async (tx) => {
      const job = await jobById(tx.db, id);
      if (job === null || job.touched_at !== touchedAt) return false;
      if (job.status !== 'running' && job.status !== 'canceling') return false;
      const { pipeline_id: pipelineId, name, attempt } = job;
      // Nobody has begun it: it is given out again, as if it had waited all the time.
      if (neverHeard) await giveOutAgain(tx, parts, job, { isLeaving: false });
      else {
        const outcome = { status: 'failed', reason: 'stuck_or_timeout_failure', exitCode: null } as const;
        await pipelines.applyIn(tx, pipelineId, [{ type: 'job-finished', job: name, attempt, outcome }]);
        if (job.place_id !== null)
          await places.endIn(tx, pipelineId, 'the runner that had them was silent for too long');
      }
      return true;
    });
    if (!gaveUp) return;
    const what = neverHeard ? 'A job never reached its runner' : 'A runner has been silent for too long';
    parts.remark(what, { job: id });
  }

  return { look };
}
