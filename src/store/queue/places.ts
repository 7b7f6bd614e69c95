import { type RawBuilder, sql } from 'kysely';
import type { Db, Store, Tx } from '../store.ts';

/** Who holds places: one process of a runner. */
export interface PlaceHolder {
  readonly runnerId: number;
  readonly process: string;
}

/**
 * Where the jobs of a pipeline run that share files. It begins when the first of them is given out, and is over for good
 * when the pipeline or its process is. Who changes one has its pipeline locked (`lockPipeline`).
 */
export interface Place extends PlaceHolder {
  readonly id: number;
  readonly pipelineId: number;
  readonly isHeld: boolean;
  /** When its process was last heard of. */
  readonly touchedAt: number;
}

/** Keeps the pipeline from changing until the transaction ends. False: there is none. */
export async function lockPipeline(
  { dialect }: Pick<Store, 'dialect'>,
  { db }: Tx,
  pipelineId: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('pipelines')
    .select('id')
    .where('id', '=', pipelineId)
    .modifyEnd(dialect.lockRows)
    .executeTakeFirst();
  return row !== undefined;
}

export async function placeOf(db: Db, pipelineId: number): Promise<Place | null> {
  const row = await db
    .selectFrom('places')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirst();
  return row === undefined ? null : placeFrom(row);
}

/** Those of which nothing is known but that they are held. */
export async function heldPlaces(db: Db): Promise<readonly Place[]> {
  const rows = await db
    .selectFrom('places')
    .selectAll()
    // As the index has it.
    .where(sql<boolean>`state = 'held'`)
    .execute();
  return rows.map(placeFrom);
}

export async function placesHeldBy(db: Db, { runnerId, process }: PlaceHolder): Promise<readonly Place[]> {
  const rows = await db
    .selectFrom('places')
    .selectAll()
    .where('runner_id', '=', runnerId)
    .where('process', '=', process)
    .where(sql<boolean>`state = 'held'`)
    .execute();
  return rows.map(placeFrom);
}

/** Begins the place of a pipeline: its jobs of this lane, of which none has run, wait there from now on. */
export async function beginPlace(
  db: Db,
  { runnerId, process, pipelineId, laneId, now }: NewPlace,
): Promise<void> {
  const { id } = await db
    .insertInto('places')
    .values({
      pipeline_id: pipelineId,
      runner_id: runnerId,
      process,
      state: 'held',
      touched_at: now,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .updateTable('jobs')
    .set({ place_id: id })
    .where('pipeline_id', '=', pipelineId)
    .where('lane_id', '=', laneId)
    .execute();
}

export interface NewPlace extends PlaceHolder {
  readonly pipelineId: number;
  readonly laneId: number;
  readonly now: number;
}

/** As if it had never begun: the next runner that takes a job of it begins another. */
export async function forgetPlace(db: Db, { id, pipelineId }: Place): Promise<void> {
  await db
    .updateTable('jobs')
    .set({ place_id: null })
    .where('pipeline_id', '=', pipelineId)
    .where('place_id', '=', id)
    .execute();
  await db.deleteFrom('places').where('id', '=', id).execute();
}

export async function closePlace(db: Db, { id }: Place): Promise<void> {
  await db.updateTable('places').set({ state: 'over' }).where('id', '=', id).execute();
}

export async function touchPlaces(db: Db, holder: PlaceHolder, now: number): Promise<void> {
  await db
    .updateTable('places')
    .set({ touched_at: now })
    .where('runner_id', '=', holder.runnerId)
    .where('process', '=', holder.process)
    .where(sql<boolean>`state = 'held'`)
    .execute();
}

export interface JobAtPlace {
  readonly id: number;
  readonly pipelineId: number;
  readonly name: string;
  readonly attempt: number;
}

/** Jobs that wait for a place which is over: nobody will ever take them. */
export async function jobsAtClosedPlaces(db: Db): Promise<readonly JobAtPlace[]> {
  // First what waits, as the index has it: in the order of their ids SQLite would look at all jobs there are.
  const { rows } = await sql<JobAtPlace>`
    with waiting as materialized (
      select id, pipeline_id, name, attempt, place_id from jobs
      where status = 'pending' and place_id is not null
    )
    select waiting.id as id, waiting.pipeline_id as "pipelineId", waiting.name as name, waiting.attempt as attempt
    from waiting join places on places.id = waiting.place_id
    where places.state = 'over' order by waiting.id limit ${AT_ONCE}
  `.execute(db);
  return rows;
}

const AT_ONCE = 1000;

/** Those of a holder: only a person could set them going again. */
export async function closedPipelinesOf(
  db: Db,
  { runnerId, process }: PlaceHolder,
): Promise<readonly number[]> {
  const { rows } = await sql<{ readonly id: number }>`
    select pipelines.id as id from places join pipelines on pipelines.id = places.pipeline_id
    where places.state = 'held' and places.runner_id = ${runnerId} and places.process = ${process}
      and pipelines.finished_at is not null
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** Jobs that wait at a place, held or not. */
export async function jobsWaitingAt(
  db: Db,
  placeId: number,
): Promise<readonly Omit<JobAtPlace, 'pipelineId'>[]> {
  return await db
    .selectFrom('jobs')
    .select(['id', 'name', 'attempt'])
    .where('place_id', '=', placeId)
    // As the index has it.
    .where(sql<boolean>`status = 'pending' and place_id is not null`)
    .orderBy('id')
    .execute();
}

export async function jobsRunningAt(
  db: Db,
  { id, pipelineId }: Place,
): Promise<readonly Omit<JobAtPlace, 'pipelineId'>[]> {
  return await db
    .selectFrom('jobs')
    .select(['id', 'name', 'attempt'])
    .where('pipeline_id', '=', pipelineId)
    .where('place_id', '=', id)
    .where('status', 'in', ['running', 'canceling'])
    .orderBy('id')
    .execute();
}

/** Whether any other job than this one has begun there. */
export async function hasWorked(db: Db, place: Place, exceptJob: number): Promise<boolean> {
  return await hasJob(db, place, sql<boolean>`started_at is not null and id <> ${exceptJob}`);
}

/** Whether a person may set a job going that would run there. */
export async function waitsForPerson(db: Db, place: Place): Promise<boolean> {
  return await hasJob(db, place, sql<boolean>`latest = 1 and status = 'manual'`);
}

async function hasJob(db: Db, { id, pipelineId }: Place, which: RawBuilder<boolean>): Promise<boolean> {
  const row = await db
    .selectFrom('jobs')
    .select('id')
    .where('pipeline_id', '=', pipelineId)
    .where('place_id', '=', id)
    .where(which)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Pipelines that were over before a moment, and whose places are held all the same. */
export async function closedPipelinesWithPlace(db: Db, before: number): Promise<readonly number[]> {
  const { rows } = await sql<{ readonly id: number }>`
    select pipelines.id as id from places join pipelines on pipelines.id = places.pipeline_id
    where places.state = 'held' and pipelines.finished_at < ${before}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The processes of runners for which jobs wait at places that they hold, and how many. */
export async function awaitedHolders(db: Db): Promise<readonly (PlaceHolder & { readonly jobs: number })[]> {
  const { rows } = await sql<PlaceHolder & { readonly jobs: number }>`
    select places.runner_id as "runnerId", places.process as process, count(*) as jobs
    from jobs join places on places.id = jobs.place_id
    where jobs.status = 'pending' and jobs.place_id is not null and places.state = 'held'
    group by places.runner_id, places.process
  `.execute(db);
  return rows;
}

/** Names a holder among all others. */
export function holderKey({ runnerId, process }: PlaceHolder): string {
  return `${runnerId} ${process}`;
}

interface PlaceRow {
  readonly id: number;
  readonly pipeline_id: number;
  readonly runner_id: number;
  readonly process: string;
  readonly state: string;
  readonly touched_at: number;
}

function placeFrom(row: PlaceRow): Place {
  return {
    id: row.id,
    pipelineId: row.pipeline_id,
    runnerId: row.runner_id,
    process: row.process,
    isHeld: row.state === 'held',
    touchedAt: row.touched_at,
  };
}
