import { sql } from 'kysely';
import type { PipelinesTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A pipeline as it stands in the database. */
export type PipelineRow = Omit<PipelinesTable, 'id'> & { readonly id: number };

export async function pipelineById(db: Db, id: number): Promise<PipelineRow | null> {
  return (await db.selectFrom('pipelines').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The newest pipeline of a ref that is no child of another one; null: none. */
export async function latestPipeline(db: Db, projectId: number, ref: string): Promise<PipelineRow | null> {
  const row = await db
    .selectFrom('pipelines')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('ref', '=', ref)
    // As the index has it, or the database would pass over children one by one.
    .where(sql<boolean>`source <> 'parent_pipeline'`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Older pipelines of a ref that are not over, children not among them: those that a newer one makes redundant. */
export async function olderActivePipelines(
  db: Db,
  { projectId, ref, before }: { readonly projectId: number; readonly ref: string; readonly before: number },
): Promise<readonly PipelineRow[]> {
  return (
    db
      .selectFrom('pipelines')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('ref', '=', ref)
      .where('id', '<', before)
      // As the index has it, or the database would look at finished pipelines too.
      .where(sql<boolean>`status not in ('success', 'failed', 'canceled', 'skipped')`)
      .where('parent_job_id', 'is', null)
      .orderBy('id')
      .execute()
  );
}

/** The pipeline that a trigger job's attempt has started; null: none. */
export async function pipelineOfBridge(db: Db, jobId: number): Promise<PipelineRow | null> {
  const row = await db
    .selectFrom('pipelines')
    .selectAll()
    .where('parent_job_id', '=', jobId)
    .executeTakeFirst();
  return row ?? null;
}

/** The same of many attempts, with the path of each pipeline's project. */
export async function pipelinesOfBridges(
  db: Db,
  jobIds: readonly number[],
): Promise<readonly { readonly pipeline: PipelineRow; readonly projectPath: string }[]> {
  if (jobIds.length === 0) return [];
  const rows = await db
    .selectFrom('pipelines')
    .innerJoin('projects', 'projects.id', 'pipelines.project_id')
    .selectAll('pipelines')
    .select('projects.path as project_path')
    .where('parent_job_id', 'in', jobIds)
    .orderBy('pipelines.id')
    .execute();
  return rows.map(({ project_path: projectPath, ...pipeline }) => ({ pipeline, projectPath }));
}
