import { sql } from 'kysely';
import type { JobsTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A job's attempt as it stands in the database. */
export type JobRow = Omit<JobsTable, 'id' | 'on_shared'> & {
  readonly id: number;
  readonly on_shared: number;
};

export async function jobById(db: Db, id: number): Promise<JobRow | null> {
  return (await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Those that are there, by their ids. */
export async function jobsByIds(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, JobRow>> {
  const rows = await db
    .selectFrom('jobs')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export async function jobByToken(db: Db, tokenHash: string): Promise<JobRow | null> {
  return (
    (await db.selectFrom('jobs').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()) ?? null
  );
}

/**
 * Whether a runner may be at work on it, so that its token is good. One that was offered may have begun and not be able to
 * say so just now.
 */
export function isWithRunner({ status, offered_at: offeredAt }: JobRow): boolean {
  return status === 'running' || status === 'canceling' || (status === 'pending' && offeredAt !== null);
}

/** The attempt that counts, of each job of a pipeline, in the order of the plan. */
export function latestJobs(db: Db, pipelineId: number): Promise<readonly JobRow[]> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('latest', '=', 1)
    .orderBy('position')
    .execute();
}

/** The ids and names of the attempts that count of jobs at these places of the plan, in their order. */
export async function jobsAt(
  db: Db,
  pipelineId: number,
  positions: readonly number[],
): Promise<readonly JobRow[]> {
  const found: JobRow[] = [];
  for (let from = 0; from < positions.length; from += ROWS_AT_ONCE) {
    const some = await db
      .selectFrom('jobs')
      .selectAll()
      .where('pipeline_id', '=', pipelineId)
      .where('position', 'in', positions.slice(from, from + ROWS_AT_ONCE))
      .where('latest', '=', 1)
      .orderBy('position')
      .execute();
    found.push(...some);
  }
  return found;
}

const ROWS_AT_ONCE = 1000;

/** The newest attempt of a job that has passed for a ref, children aside; null: none. It costs the same among millions. */
export async function latestPassedJob(
  db: Db,
  { projectId, ref, name }: { readonly projectId: number; readonly ref: string; readonly name: string },
): Promise<JobRow | null> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('shared_ref', '=', ref)
    .where('name', '=', name)
    // As the index has it.
    .where(sql<boolean>`status = 'success'`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Jobs that a runner is at work on, with when they were last heard of. */
export function runningJobs(db: Db) {
  return (
    db
      .selectFrom('jobs')
      .select([
        'id',
        'pipeline_id',
        'name',
        'attempt',
        'status',
        'touched_at',
        'started_at',
        'runner_id',
        'system_id',
      ])
      // As the index has it, or the database would look at finished jobs too.
      .where(sql<boolean>`status in ('running', 'canceling')`)
      .where('kind', '=', 'build')
      .execute()
  );
}

/** Runners have been heard of about these jobs. */
export async function touchJobs(db: Db, ids: readonly number[], now: number): Promise<void> {
  for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
    const some = ids.slice(from, from + ROWS_AT_ONCE);
    await db.updateTable('jobs').set({ touched_at: now }).where('id', 'in', some).execute();
  }
}

/** The mean of what the jobs of a pipeline say about coverage, in percent; null: none says anything. */
export async function meanCoverage(db: Db, pipelineId: number): Promise<number | null> {
  const rows = await db
    .selectFrom('jobs')
    .select('coverage')
    .where('pipeline_id', '=', pipelineId)
    .where('latest', '=', 1)
    .where('coverage', 'is not', null)
    .execute();
  const sum = rows.reduce((all, { coverage }) => all + Number(coverage), 0);
  return rows.length === 0 ? null : sum / rows.length;
}
