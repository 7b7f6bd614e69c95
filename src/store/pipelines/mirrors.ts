import type { JobRow } from '../jobs/jobs.ts';
import type { Db } from '../store.ts';

/** From now on the job shows the status of the pipeline. Nothing when it does already. */
export async function addMirror(db: Db, jobId: number, pipelineId: number): Promise<void> {
  await db
    .insertInto('mirrors')
    .values({ job_id: jobId, pipeline_id: pipelineId })
    .onConflict((conflict) => conflict.column('job_id').doNothing())
    .execute();
}

/** The jobs that show the status of the pipeline. */
export function mirrorsOf(db: Db, pipelineId: number): Promise<readonly JobRow[]> {
  return db
    .selectFrom('mirrors')
    .innerJoin('jobs', 'jobs.id', 'mirrors.job_id')
    .selectAll('jobs')
    .where('mirrors.pipeline_id', '=', pipelineId)
    .orderBy('jobs.id')
    .execute();
}
