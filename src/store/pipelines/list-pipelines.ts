import { sql } from 'kysely';
import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';
import type { PipelineRow } from './find-pipelines.ts';

/** Which pipelines of a project; absent: all. */
export interface PipelineFilter {
  readonly projectId: number;
  readonly ref?: string;
  readonly sha?: string;
  readonly statuses?: readonly string[];
  readonly source?: string;
  readonly name?: string;
  readonly tag?: boolean;
  /** False: not those that a job of the same project has started. */
  readonly childrenToo?: boolean;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
}

/** The newest first. Costs as much as the page, however many there are. */
export async function listPipelines(
  db: Db,
  filter: PipelineFilter,
  page: Page,
): Promise<readonly PipelineRow[]> {
  let query = db.selectFrom('pipelines').selectAll().where('project_id', '=', filter.projectId);
  if (filter.ref !== undefined) query = query.where('ref', '=', filter.ref);
  if (filter.sha !== undefined) query = query.where('sha', '=', filter.sha);
  if (filter.statuses !== undefined) query = query.where('status', 'in', filter.statuses);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  // As the index has it.
  if (filter.tag !== undefined)
    query = query.where(filter.tag ? sql<boolean>`tag = 1` : sql<boolean>`tag = 0`);
  if (filter.childrenToo === false) query = query.where('source', '!=', 'parent_pipeline');
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>', filter.createdAfter);
  if (filter.createdBefore !== undefined) query = query.where('created_at', '<', filter.createdBefore);
  if (filter.updatedAfter !== undefined) query = query.where('updated_at', '>', filter.updatedAfter);
  if (filter.updatedBefore !== undefined) query = query.where('updated_at', '<', filter.updatedBefore);
  return pageOf(query, page, 'desc').execute();
}

/** The pipelines with these ids, in no order. */
export async function pipelinesByIds(db: Db, ids: readonly number[]): Promise<readonly PipelineRow[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('pipelines').selectAll().where('id', 'in', ids).execute();
}
