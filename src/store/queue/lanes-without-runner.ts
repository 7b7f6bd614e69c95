import { sql } from 'kysely';
import type { Db } from '../store.ts';
import { createLaneCatalogue, matcherOf, type RunnerProfile } from './lane-catalogue.ts';
import { waitingLanes } from './waiting-lanes.ts';

/**
 * The lanes in which jobs wait that no runner could take that was there since a moment. Costs as much as there are such
 * lanes, and kinds of runners.
 */
export async function lanesWithoutRunner(db: Db, since: number): Promise<ReadonlySet<number>> {
  const waiting = (await waitingLanes(db)).map(({ lane }) => lane);
  if (waiting.length === 0) return new Set();
  const catalogue = createLaneCatalogue();
  await catalogue.learn(db, waiting);
  const matchers = (await profilesSince(db, since)).map(matcherOf);
  return new Set(
    waiting.filter((id) => {
      const lane = catalogue.get(id);
      return lane !== null && !matchers.some((matches) => matches(lane));
    }),
  );
}

/** Each kind of runner once: fleets have thousands of the same. */
async function profilesSince(db: Db, since: number): Promise<readonly RunnerProfile[]> {
  const machines = await db
    .selectFrom('runner_managers as machine')
    .innerJoin('runners as runner', 'runner.id', 'machine.runner_id')
    .select([
      'runner.id',
      'runner.kind',
      'runner.tags',
      'runner.run_untagged',
      'runner.protected',
      'machine.features',
    ])
    .distinct()
    .where('machine.contacted_at', '>=', since)
    .where('runner.paused', '=', 0)
    .execute();
  const projects = await db.selectFrom('runner_projects').select(['runner_id', 'project_id']).execute();
  const byRunner = Map.groupBy(projects, ({ runner_id: id }) => id);
  const kinds = new Map<string, RunnerProfile>();
  for (const { id, kind, ...machine } of machines) {
    // Only the queries of runners write these columns: lists of texts.
    const tags: string[] = JSON.parse(machine.tags);
    const features: string[] = JSON.parse(machine.features);
    const profile: RunnerProfile = {
      ...{ tags, features, runUntagged: machine.run_untagged === 1, protected: machine.protected === 1 },
      projects:
        kind === 'instance_type' ? null : (byRunner.get(id) ?? []).map(({ project_id: project }) => project),
    };
    kinds.set(JSON.stringify(profile), profile);
  }
  return [...kinds.values()];
}

export interface WaitingJob {
  readonly id: number;
  readonly pipelineId: number;
  readonly name: string;
  readonly attempt: number;
}

/** Jobs of a lane that have waited since before a moment, the longest first. */
export async function waitingSince(
  db: Db,
  laneId: number,
  before: number,
  limit: number,
): Promise<readonly WaitingJob[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'pipeline_id', 'name', 'attempt'])
    .where('lane_id', '=', laneId)
    // As the index has it, or the database would look at finished jobs too.
    .where(
      sql<boolean>`status = 'pending' and lane_id is not null and place_id is null and offered_at is null`,
    )
    .where('queued_at', '<', before)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ pipeline_id: pipelineId, ...job }) => ({ ...job, pipelineId }));
}
