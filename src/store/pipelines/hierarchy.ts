import { sql } from 'kysely';
import type { Db } from '../store.ts';

/** A pipeline on the way to another one. */
export interface AncestorRow {
  readonly id: number;
  readonly project: string;
  readonly ref: string;
  readonly source: string;
}

/** The pipelines that led to this one, and it: the first one first. As long as pipelines may be deep, which is limited. */
export async function lineageOf(db: Db, pipelineId: number): Promise<readonly AncestorRow[]> {
  const { rows } = await sql<AncestorRow>`
    with recursive line (id, project_id, ref, source, parent_job_id, depth) as (
      select id, project_id, ref, source, parent_job_id, 0 from pipelines where id = ${pipelineId}
      union all
      select up.id, up.project_id, up.ref, up.source, up.parent_job_id, line.depth + 1
      from line
      join jobs on jobs.id = line.parent_job_id
      join pipelines up on up.id = jobs.pipeline_id
    )
    select line.id, projects.path as project, line.ref, line.source
    from line join projects on projects.id = line.project_id
    order by line.depth desc
  `.execute(db);
  return rows;
}

/** How many pipelines have come of the one that this one came of, with that one; no more than `limit` are counted. */
export async function familySize(
  db: Db,
  pipeline: { readonly id: number; readonly root_id: number | null },
  limit: number,
): Promise<number> {
  const found = await db
    .selectFrom('pipelines')
    .select('id')
    .where('root_id', '=', pipeline.root_id ?? pipeline.id)
    .limit(limit)
    .execute();
  return Math.min(found.length + 1, limit);
}

/** Of one family: one has come of the other, or both of a third. */
export function areOfOneFamily(
  one: { readonly id: number; readonly root_id: number | null },
  other: { readonly id: number; readonly root_id: number | null },
): boolean {
  return (one.root_id ?? one.id) === (other.root_id ?? other.id);
}
