import type { Db } from '../store.ts';

/** Which pipelines of a project; absent: all. */
export interface PipelineFilter {
  readonly projectId: number;
  readonly ref?: string;
  readonly sha?: string;
  readonly status?: string;
}

export interface Page {
  readonly limit: number;
  /** The id of the last one of the page before; absent: the first page. */
  readonly before?: number;
}

/** The newest first. Costs as much as the page, however many there are: it goes on from an id and counts nothing. */
export function listPipelines(db: Db, filter: PipelineFilter, { limit, before }: Page) {
  let query = db.selectFrom('pipelines').selectAll().where('project_id', '=', filter.projectId);
  if (filter.ref !== undefined) query = query.where('ref', '=', filter.ref);
  if (filter.sha !== undefined) query = query.where('sha', '=', filter.sha);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (before !== undefined) query = query.where('id', '<', before);
  return query.orderBy('id', 'desc').limit(limit).execute();
}
