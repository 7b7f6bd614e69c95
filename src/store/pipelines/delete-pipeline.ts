import type { Db } from '../store.ts';
import type { ResourceClaim } from '../work/resource-groups.ts';

/** What is left of a pipeline outside of the database when its rows are gone. */
export interface PipelineRemains {
  readonly blobs: readonly string[];
  readonly jobIds: readonly number[];
}

/** The ids of the child pipelines that a pipeline's jobs have started, in the same project. */
export async function childPipelines(db: Db, pipelineId: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('jobs')
    .innerJoin('pipelines as child', 'child.parent_job_id', 'jobs.id')
    .select('child.id')
    .where('jobs.pipeline_id', '=', pipelineId)
    .where('jobs.kind', '=', 'bridge')
    .whereRef('child.project_id', '=', 'jobs.project_id')
    .orderBy('child.id')
    .execute();
  return rows.map(({ id }) => id);
}

/** The jobs of a pipeline of which test results are kept: those are the most of its rows. */
export async function jobsWithTests(db: Db, pipelineId: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('test_reports')
    .select('job_id')
    .where('pipeline_id', '=', pipelineId)
    .execute();
  return rows.map(({ job_id: id }) => id);
}

/** The claims of a pipeline's jobs on resources, which have to be given back before it goes. */
export async function claimsOf(db: Db, pipelineId: number): Promise<readonly ResourceClaim[]> {
  const rows = await db
    .selectFrom('resource_claims')
    .select(['job', 'attempt'])
    .where('pipeline_id', '=', pipelineId)
    .orderBy('id')
    .execute();
  return rows.map(({ job, attempt }) => ({ pipelineId, job, attempt }));
}

/** Takes away a pipeline with all its rows. Null: there was none. */
export async function removePipeline(db: Db, pipelineId: number): Promise<PipelineRemains | null> {
  const jobs = await db.selectFrom('jobs').select('id').where('pipeline_id', '=', pipelineId).execute();
  const blobs = await db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .select('artifacts.blob')
    .where('jobs.pipeline_id', '=', pipelineId)
    .execute();
  const { numDeletedRows } = await db.deleteFrom('pipelines').where('id', '=', pipelineId).executeTakeFirst();
  if (numDeletedRows === 0n) return null;
  return { blobs: blobs.map(({ blob }) => blob), jobIds: jobs.map(({ id }) => id) };
}

/** The oldest pipelines of a project, children too. */
export async function oldestPipelines(db: Db, projectId: number, limit: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('pipelines')
    .select('id')
    .where('project_id', '=', projectId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Takes away a project that was marked as deleted and has no pipelines any more, and runners that were for it alone. */
export async function removeProject(db: Db, projectId: number): Promise<void> {
  await db.deleteFrom('projects').where('id', '=', projectId).where('deleted_at', 'is not', null).execute();
  await db
    .deleteFrom('runners')
    .where('kind', '=', 'project_type')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runner_projects')
            .select('runner_id')
            .whereRef('runner_projects.runner_id', '=', 'runners.id'),
        ),
      ),
    )
    .execute();
}
