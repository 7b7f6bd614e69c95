import { sql } from 'kysely';
import type { Db } from '../store.ts';

/**
 * Whether an artifact belongs to what a branch or tag that is still there has come to: no later pipeline of it has been
 * successful. https://docs.gitlab.com/ci/jobs/job_artifacts/
 */
const BELONGS_TO_LATEST = sql<boolean>`exists (
  select 1 from jobs
  inner join pipelines as own on own.id = jobs.pipeline_id
  inner join seen_refs on seen_refs.project_id = own.project_id
    and seen_refs.ref = case when own.tag = 1 then 'refs/tags/' || own.ref else 'refs/heads/' || own.ref end
  where jobs.id = artifacts.job_id and not exists (
    select 1 from pipelines as newer
    where newer.project_id = own.project_id and newer.ref = own.ref and newer.id > own.id
      and newer.tag = own.tag and newer.status = 'success' and newer.parent_job_id is null
  )
)`;

export interface ExpiringArtifact {
  readonly id: number;
  readonly projectId: number;
  /** Of the newest successful pipeline of its branch or tag, or of one after it. */
  readonly isLatest: boolean;
}

/** Those that are not locked and whose time is over at a moment, the oldest first. */
export async function expiringArtifacts(
  db: Db,
  { until, after = 0, limit }: { readonly until: number; readonly after?: number; readonly limit: number },
): Promise<readonly ExpiringArtifact[]> {
  const rows = await db
    .selectFrom('artifacts')
    .select(['id', 'project_id'])
    .select(sql<number>`case when ${BELONGS_TO_LATEST} then 1 else 0 end`.as('latest'))
    .where('expires_at', '>', after)
    .where('expires_at', '<=', until)
    // As the index has it.
    .where(sql<boolean>`expires_at is not null and locked = 0`)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map(({ id, project_id: projectId, latest }) => ({ id, projectId, isLatest: latest === 1 }));
}

/** Takes away those of these whose time is still over; answers with the keys of their blobs. */
export async function removeExpired(db: Db, ids: readonly number[], now: number): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .deleteFrom('artifacts')
    .where('id', 'in', ids)
    .where('expires_at', '<=', now)
    .where('locked', '=', 0)
    .returning('blob')
    .execute();
  return rows.map(({ blob }) => blob);
}

/** Locked artifacts stay although their time is over. */
export async function lockArtifacts(db: Db, ids: readonly number[], isLocked: boolean): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('artifacts')
    .set({ locked: isLocked ? 1 : 0 })
    .where('id', 'in', ids)
    .execute();
}

/** Locked ones of a project; `outdated`: only those that do not belong to the latest any more. */
export async function lockedArtifacts(
  db: Db,
  {
    projectId,
    outdated,
    limit,
  }: { readonly projectId: number; readonly outdated: boolean; readonly limit: number },
): Promise<readonly number[]> {
  let query = db
    .selectFrom('artifacts')
    .select('id')
    .where('project_id', '=', projectId)
    .where(sql<boolean>`locked = 1`)
    .orderBy('id')
    .limit(limit);
  if (outdated) query = query.where(sql<boolean>`not ${BELONGS_TO_LATEST}`);
  return (await query.execute()).map(({ id }) => id);
}

/** The projects that have locked artifacts. */
export async function projectsWithLocked(db: Db): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('artifacts')
    .select('project_id')
    .distinct()
    .where(sql<boolean>`locked = 1`)
    .execute();
  return rows.map(({ project_id: id }) => id);
}
