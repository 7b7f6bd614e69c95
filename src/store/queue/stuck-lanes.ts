import type { Db } from '../store.ts';
import { matcherOf } from './lane-catalogue.ts';

/** Jobs that wait although nobody will take them. */
export interface StuckLane {
  readonly project: string;
  readonly tags: readonly string[];
  /** What a runner must be able to do for them. */
  readonly features: readonly string[];
  readonly count: number;
  /** How long the first of them waits. */
  readonly seconds: number;
}

/** Lanes with waiting jobs that no runner may take which was heard of since `onlineSince`. */
export async function stuckLanes(db: Db, onlineSince: number, now: number): Promise<readonly StuckLane[]> {
  const waiting = await db
    .selectFrom('jobs')
    .innerJoin('lanes', 'lanes.id', 'jobs.lane_id')
    .innerJoin('projects', 'projects.id', 'lanes.project_id')
    .select((row) => [
      ...([
        'lanes.id',
        'lanes.project_id',
        'lanes.protected',
        'lanes.tags',
        'lanes.features',
        'projects.path',
      ] as const),
      row.fn.countAll().as('count'),
      row.fn.min('jobs.queued_at').as('since'),
    ])
    .where('jobs.status', '=', 'pending')
    .where('jobs.lane_id', 'is not', null)
    .where('jobs.place_id', 'is', null)
    .where('jobs.offered_at', 'is', null)
    .groupBy([
      'lanes.id',
      'lanes.project_id',
      'lanes.protected',
      'lanes.tags',
      'lanes.features',
      'projects.path',
    ])
    .execute();
  if (waiting.length === 0) return [];
  const matchers = await onlineRunners(db, onlineSince);
  return waiting.flatMap((row) => {
    const lane = {
      ...{ id: row.id, projectId: row.project_id, protected: row.protected === 1 },
      ...{ tags: list(row.tags), features: list(row.features) },
    };
    if (matchers.some((matches) => matches(lane))) return [];
    const seconds = row.since === null ? 0 : (now - row.since) / 1000;
    return [
      { project: row.path, tags: lane.tags, features: lane.features, count: Number(row.count), seconds },
    ];
  });
}

/** A runner can do what one of its machines can. */
async function onlineRunners(db: Db, since: number) {
  const rows = await db
    .selectFrom('runners')
    .innerJoin('runner_managers', 'runner_managers.runner_id', 'runners.id')
    .select([
      'runners.id',
      'runners.kind',
      'runners.tags',
      'runners.run_untagged',
      'runners.protected',
      'runner_managers.features',
    ])
    .where('runners.paused', '=', 0)
    .where('runner_managers.contacted_at', '>=', since)
    .execute();
  const assigned = await db.selectFrom('runner_projects').selectAll().execute();
  const projectsOf = Map.groupBy(assigned, ({ runner_id: runner }) => runner);
  return rows.map((row) =>
    matcherOf({
      ...{ tags: list(row.tags), runUntagged: row.run_untagged === 1, protected: row.protected === 1 },
      features: list(row.features),
      projects:
        row.kind === 'instance_type'
          ? null
          : (projectsOf.get(row.id) ?? []).map(({ project_id: project }) => project),
    }),
  );
}

/** Only the store writes these columns: lists of texts. */
function list(text: string): readonly string[] {
  const found: string[] = JSON.parse(text);
  return found;
}
