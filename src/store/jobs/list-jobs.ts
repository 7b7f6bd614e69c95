import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';
import type { JobRow } from './jobs.ts';

/** Which jobs; a project or a pipeline is always given. */
export type JobFilter = {
  readonly kind?: 'build' | 'bridge';
  readonly statuses?: readonly string[];
  /** False: not the attempts that were retried. */
  readonly retried?: boolean;
} & ({ readonly projectId: number } | { readonly pipelineId: number });

/** The newest first. Costs as much as the page, however many there are. */
export async function listJobs(db: Db, filter: JobFilter, page: Page): Promise<readonly JobRow[]> {
  const { statuses } = filter;
  if (statuses === undefined || statuses.length === 0)
    return pageOf(jobsOf(db, filter), page, 'desc').execute();
  // A list for each status, put together: otherwise the database would look at jobs of all the others.
  const { offset = 0, ...rest } = page;
  const lists: JobRow[][] = [];
  for (const status of new Set(statuses)) {
    const query = jobsOf(db, filter).where('status', '=', status);
    lists.push(await pageOf(query, { ...rest, limit: page.limit + offset }, 'desc').execute());
  }
  const sign = page.order === 'asc' ? 1 : -1;
  return lists
    .flat()
    .sort((one, other) => sign * (one.id - other.id))
    .slice(offset, offset + page.limit);
}

function jobsOf(db: Db, filter: JobFilter) {
  let query = db.selectFrom('jobs').selectAll();
  query =
    'projectId' in filter
      ? query.where('project_id', '=', filter.projectId)
      : query.where('pipeline_id', '=', filter.pipelineId);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.retried === false) query = query.where('latest', '=', 1);
  return query;
}

/** The attempt that counts, of the job at a place of a plan. */
export async function latestJobAt(db: Db, pipelineId: number, position: number): Promise<JobRow | null> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('position', '=', position)
    .where('latest', '=', 1)
    .executeTakeFirst();
  return row ?? null;
}

/** The tags that runners of these lanes must have. */
export async function tagsOfLanes(
  db: Db,
  laneIds: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (laneIds.length === 0) return new Map();
  const rows = await db.selectFrom('lanes').select(['id', 'tags']).where('id', 'in', laneIds).execute();
  return new Map(
    rows.map(({ id, tags }) => {
      const list: string[] = JSON.parse(tags);
      return [id, list];
    }),
  );
}

/** The attempt that counts, of the job of this name. */
export async function jobNamed(db: Db, pipelineId: number, name: string): Promise<JobRow | null> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('name', '=', name)
    .where('latest', '=', 1)
    .executeTakeFirst();
  return row ?? null;
}
