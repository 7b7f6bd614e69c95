import type { JobRow, PipelineStore, Tx } from '../../store/index.ts';
import type { Places } from '../places/places.ts';

/**
 * Ends an attempt that no runner will finish, through no fault of the job, and begins another: as if it had waited all
 * the time. Whoever still has the old one finds that it is over. Not without end: a job that takes every machine down
 * with it fails in the end. `isLeaving`: the machine goes away, and what it has of the pipeline with it.
 */
export async function giveOutAgain(
  tx: Tx,
  { pipelines, places }: { readonly pipelines: PipelineStore; readonly places: Places },
  job: JobRow,
  { isLeaving }: { readonly isLeaving: boolean },
): Promise<void> {
  const { pipeline_id: pipelineId, name, attempt } = job;
  const again = attempt < MOST_ATTEMPTS;
  await pipelines.applyIn(tx, pipelineId, [
    {
      type: 'job-finished',
      job: name,
      attempt,
      outcome: { status: 'failed', reason: 'runner_system_failure', exitCode: null, again },
    },
  ]);
  await places.givenBackIn(tx, job, isLeaving);
}

const MOST_ATTEMPTS = 10;
