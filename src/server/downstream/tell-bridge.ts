import { JOB_STATUSES } from '../../pipeline/index.ts';
import { type JobRow, type PipelineStore, pipelineById, type Store } from '../../store/index.ts';

/**
 * Tells a trigger job how a pipeline stands: as it stands now, not as it stood when somebody wanted to tell. The job's
 * own pipeline is taken first, so that of two who tell at once the later one has looked later.
 */
export async function tellBridge(
  { store, pipelines }: { readonly store: Store; readonly pipelines: PipelineStore },
  bridge: Pick<JobRow, 'pipeline_id' | 'name' | 'attempt'>,
  pipelineId: number,
): Promise<void> {
  await store.write(async (tx) => {
    const { pipeline_id: upstream, name: job, attempt } = bridge;
    if ((await pipelines.applyIn(tx, upstream, [])) === null) return;
    const shown = (await pipelineById(tx.db, pipelineId))?.status;
    const status = JOB_STATUSES.find((known) => known === shown);
    if (status === undefined) return;
    await pipelines.applyIn(tx, upstream, [{ type: 'downstream-changed', job, attempt, status }]);
  });
}
