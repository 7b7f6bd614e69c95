import { sql } from 'kysely';
import type { Db } from '../store.ts';
import type { Lane } from './lane-catalogue.ts';

/** A lane in which jobs wait, the oldest of them, and how many there are, as far as it was asked to count. */
export interface WaitingLane {
  readonly lane: number;
  readonly oldest: number;
  readonly jobs: number;
}

/**
 * The lanes in which jobs wait. It steps through the index of waiting jobs from lane to lane, so that it costs as much
 * as there are such lanes, however many jobs are in them; their jobs are counted up to a number.
 */
export async function waitingLanes(db: Db, jobsCounted = 1): Promise<readonly WaitingLane[]> {
  const { rows } = await sql<WaitingLane>`
    with recursive waiting (lane) as (
      select min(lane_id) from jobs where ${WAITS}
      union all
      select (
        select min(lane_id) from jobs
        where ${WAITS} and lane_id > waiting.lane
      )
      from waiting where waiting.lane is not null
    )
    select waiting.lane as lane, (
      select min(id) from jobs
      where ${WAITS} and lane_id = waiting.lane
    ) as oldest, (
      select count(*) from (
        select 1 from jobs
        where ${WAITS} and lane_id = waiting.lane
        limit ${jobsCounted}
      ) as counted
    ) as jobs
    from waiting where waiting.lane is not null
  `.execute(db);
  return rows;
}

/** A job that waits in a lane. As the index has it, or the database would look at finished jobs too. */
export const WAITS = sql<boolean>`status = 'pending' and lane_id is not null and place_id is null and offered_at is null`;

/** Lanes with the oldest jobs first; for a runner that projects share, those of projects with few jobs on such runners. */
export async function inFairOrder(
  db: Db,
  waiting: readonly { readonly lane: Lane; readonly oldest: number }[],
  shared: boolean,
): Promise<readonly Lane[]> {
  const projects = [...new Set(waiting.map(({ lane }) => lane.projectId))];
  const running = shared && projects.length > 1 ? await runningOnShared(db, projects) : new Map();
  const load = (lane: Lane): number => running.get(lane.projectId) ?? 0;
  return waiting
    .toSorted((a, b) => load(a.lane) - load(b.lane) || a.oldest - b.oldest)
    .map(({ lane }) => lane);
}

/** How many jobs of projects run on runners that projects share. */
export async function runningOnShared(
  db: Db,
  projects: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom('jobs')
    .select(['project_id', (row) => row.fn.countAll<number>().as('count')])
    // As the index has it, or the database would look at finished jobs too.
    .where(sql<boolean>`status in ('running', 'canceling')`)
    .where('on_shared', '=', 1)
    .$if(projects.length <= MAX_LISTED, (query) => query.where('project_id', 'in', projects))
    .groupBy('project_id')
    .execute();
  return new Map(rows.map(({ project_id, count }) => [project_id, count]));
}

const MAX_LISTED = 1000;
