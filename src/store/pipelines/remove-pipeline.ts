import type { Db } from '../store.ts';

/** What was kept outside the database for rows that are gone. */
export interface LeftBehind {
  /** Keys of blobs. */
  readonly blobs: readonly string[];
  /** Jobs that may have a log. */
  readonly jobs: readonly number[];
}

/** Removes a pipeline with its jobs and all that was written about them. */
export async function removePipeline(db: Db, pipelineId: number): Promise<LeftBehind> {
  const jobs = await db.selectFrom('jobs').select('id').where('pipeline_id', '=', pipelineId).execute();
  const kept = await db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .select('artifacts.blob')
    .where('jobs.pipeline_id', '=', pipelineId)
    .execute();
  await db.deleteFrom('pipelines').where('id', '=', pipelineId).execute();
  return { blobs: kept.map(({ blob }) => blob), jobs: jobs.map(({ id }) => id) };
}

/** Takes away what a job that is over has left; its row stays, and says when. */
export async function eraseJob(
  db: Db,
  jobId: number,
  { now, log }: { readonly now: number; readonly log: boolean },
): Promise<LeftBehind> {
  const kept = await db.deleteFrom('artifacts').where('job_id', '=', jobId).returning('blob').execute();
  await db.updateTable('jobs').set({ erased_at: now, dotenv: null }).where('id', '=', jobId).execute();
  if (log) await db.deleteFrom('traces').where('job_id', '=', jobId).execute();
  return { blobs: kept.map(({ blob }) => blob), jobs: log ? [jobId] : [] };
}
