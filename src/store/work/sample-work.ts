import { sql } from 'kysely';
import type { Db } from '../store.ts';

/** What there is to do, at one moment. */
export interface WorkSample {
  readonly jobs: readonly JobCount[];
  /** 0 when none waits. */
  readonly oldestWaitingSeconds: number;
  readonly outbox: readonly { readonly topic: string; readonly count: number; readonly lagSeconds: number }[];
  readonly overdueTimers: number;
}

export interface JobCount {
  readonly kind: 'waiting' | 'running';
  readonly tagged: boolean;
  readonly isProtected: boolean;
  readonly count: number;
}

/** Costs what waits and runs, not what is over: each of its queries has an index of only that. */
export async function sampleWork(db: Db, now: number): Promise<WorkSample> {
  let oldest = Number.POSITIVE_INFINITY;
  for (const which of WAITING) oldest = Math.min(oldest, await oldestOf(db, which));
  const outbox = await db
    .selectFrom('outbox')
    .select((row) => ['topic', row.fn.countAll().as('count'), row.fn.min('created_at').as('since')])
    .where('due_at', '<=', now)
    .groupBy('topic')
    .execute();
  const timers = await db
    .selectFrom('timers')
    .select((row) => row.fn.countAll().as('count'))
    .where('due_at', '<=', now - OVERDUE_MS)
    .executeTakeFirst();
  return {
    jobs: [...(await countJobs(db, 'waiting')), ...(await countJobs(db, 'running'))],
    oldestWaitingSeconds: secondsSince(Number.isFinite(oldest) ? oldest : null, now),
    outbox: outbox.map(({ topic, count, since }) => ({
      topic,
      count: Number(count),
      lagSeconds: secondsSince(since, now),
    })),
    overdueTimers: Number(timers?.count ?? 0),
  };
}

/** Timers are looked at every few seconds. */
const OVERDUE_MS = 10_000;

/** How many entries of the outbox were tried so often. */
export async function stuckEntries(db: Db, attempts: number): Promise<number> {
  const row = await db
    .selectFrom('outbox')
    .select((query) => query.fn.countAll().as('count'))
    .where('attempts', '>=', attempts)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** As the indexes have them, or the database would look at finished jobs too. */
const IN_LANES = sql<boolean>`status = 'pending' and lane_id is not null and place_id is null and offered_at is null`;
const AT_PLACES = sql<boolean>`status = 'pending' and place_id is not null`;
/** A runner was given them, and has not said that it has them. */
const OFFERED = sql<boolean>`status = 'pending' and offered_at is not null`;
const WAITING = [IN_LANES, AT_PLACES, OFFERED];
const RUNNING = sql<boolean>`status in ('running', 'canceling')`;

/** When the first of them began to wait; endless: none does. */
async function oldestOf(db: Db, which: typeof IN_LANES): Promise<number> {
  const row = await db
    .selectFrom('jobs')
    .where(which)
    .select((query) => query.fn.min('queued_at').as('since'))
    .executeTakeFirst();
  return row?.since ?? Number.POSITIVE_INFINITY;
}

async function countJobs(db: Db, kind: JobCount['kind']): Promise<readonly JobCount[]> {
  const rows = [];
  for (const which of kind === 'waiting' ? WAITING : [RUNNING]) {
    const some = await db
      .selectFrom('jobs')
      .innerJoin('lanes', 'lanes.id', 'jobs.lane_id')
      .where(which)
      .select((row) => ['lanes.protected', 'lanes.tags', row.fn.countAll().as('count')])
      .groupBy(['lanes.protected', 'lanes.tags'])
      .execute();
    rows.push(...some);
  }
  const byKind = Map.groupBy(rows, ({ protected: isProtected, tags }) => `${isProtected} ${tags !== '[]'}`);
  return Array.from(byKind.values(), (some) => ({
    kind,
    tagged: some[0]?.tags !== '[]',
    isProtected: some[0]?.protected === 1,
    count: some.reduce((sum, { count }) => sum + Number(count), 0),
  }));
}

function secondsSince(then: number | null, now: number): number {
  return then === null ? 0 : Math.max(0, now - then) / 1000;
}
