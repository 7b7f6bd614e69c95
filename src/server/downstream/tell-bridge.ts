import { isCompleted, JOB_STATUSES, type PipelineEvent, type PipelineStatus } from '../../pipeline/index.ts';
import { type JobRow, jobById, type PipelineStore, pipelineById, type Store } from '../../store/index.ts';

/**
 * Tells a trigger job how a pipeline stands: as it stands now, not as it stood when somebody wanted to tell. The job's
 * own pipeline is taken first, so that of two who tell at once the later one has looked later.
 */
export async function tellBridge(
  { store, pipelines }: { readonly store: Store; readonly pipelines: PipelineStore },
  bridge: Pick<JobRow, 'id' | 'pipeline_id'>,
  pipelineId: number,
): Promise<void> {
  await store.write(async (tx) => {
    if ((await pipelines.applyIn(tx, bridge.pipeline_id, [])) === null) return;
    const [job, shown] = [await jobById(tx.db, bridge.id), await pipelineById(tx.db, pipelineId)];
    const status = JOB_STATUSES.find((known) => known === shown?.status);
    if (job === null || shown === null || status === undefined) return;
    const isOwn = shown.parent_job_id === job.id;
    await pipelines.applyIn(tx, bridge.pipeline_id, eventsFor(job, status, isOwn));
  });
}

/** A pipeline that a job has started may go on after its end, and may have passed by the time that anybody looks. */
function eventsFor(
  { name: job, attempt, status, failure_reason: reason }: JobRow,
  shown: PipelineStatus,
  isOwn: boolean,
): readonly PipelineEvent[] {
  const isOver = JOB_STATUSES.some((known) => known === status && isCompleted(known));
  const hasPassed = reason === 'downstream_pipeline_failed' && shown === 'success';
  const goesOn = isOwn && isOver && (!isCompleted(shown) || hasPassed);
  return [
    ...(goesOn ? [{ type: 'downstream-resumed', job, attempt } as const] : []),
    { type: 'downstream-changed', job, attempt, status: shown },
  ];
}
