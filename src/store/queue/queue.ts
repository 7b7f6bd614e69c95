import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { together } from '../../base/together.ts';
import type { Command } from '../../pipeline/index.ts';
import { SLIPWAY_PLACE } from '../../protocol/index.ts';
import { type JobRow, jobByToken, touchJobs } from '../jobs/jobs.ts';
import type { PipelineStore } from '../pipelines/pipeline-store.ts';
import type { Db, Store, Tx } from '../store.ts';
import { createLaneCatalogue, type Lane, matcherOf, type RunnerProfile } from './lane-catalogue.ts';
import { closeOffer, offerJobs } from './offers.ts';
import {
  awaitedHolders,
  beginPlace,
  forgetPlace,
  holderKey,
  lockPipeline,
  placeOf,
  placesHeldBy,
} from './places.ts';
import { takeTogether } from './take-together.ts';
import { inFairOrder, WAITS, type WaitingLane, waitingLanes } from './waiting-lanes.ts';
import { createWaitingRunners, MOST_COUNTED, type Waiting, type WaitingRunners } from './waiting-runners.ts';

/** A runner that asks for a job. */
export interface AskingRunner extends RunnerProfile {
  readonly runnerId: number;
  readonly systemId: string | null;
  /** Several projects use it: they take turns, those with the fewest jobs on shared runners first. */
  readonly shared: boolean;
  /** The hash of the token that the job will have. */
  readonly tokenHash: string;
  /** It says when it has a job: until then the job is offered to it, and waits (docs/decisions/0012). */
  readonly confirms?: boolean;
}

export interface TakenJob {
  readonly id: number;
  readonly pipelineId: number;
  readonly projectId: number;
  readonly name: string;
  /** Its place in the plan. */
  readonly position: number;
  readonly attempt: number;
}

/**
 * The jobs that wait for a runner, in all processes of a database. A job is given to one runner only, in the
 * transaction in which its pipeline sees it start, or in which it is offered.
 */
export interface Queue extends Disposable {
  /** The job that is this runner's turn, running or offered to it now; null when none waits that it may take. */
  take(runner: AskingRunner): Promise<TakenJob | null>;
  /** The runner that a job was offered to has it: it runs from now on. False: the offer is over. */
  begin(jobId: number, tokenHash: string): Promise<boolean>;
  /** Changes whenever a job may have begun to wait. Of this process: it means nothing to another one. */
  key(): string;
  /**
   * Keeps a runner waiting. `take` is called when there may be a job for it, in its turn, and again when that answered null
   * and others have come; what it answers is answered. Null when the signal aborts. Ask for the key first, then for a
   * job, and wait with that key: then nothing is missed in between.
   */
  serve<T>(waiting: Waiting, take: () => Promise<T | null>): Promise<T | null>;
}

export function createQueue(store: Store, pipelines: PipelineStore, clock: Clock): Queue {
  const catalogue = createLaneCatalogue();

  const takeInTurn = together(takeAll, MOST_AT_ONCE);

  async function take(runner: AskingRunner): Promise<TakenJob | null> {
    try {
      const taken = await takeInTurn(runner, null);
      return taken === 'alone' ? await store.write((tx) => takeAlone(tx, runner)) : taken;
    } catch (error) {
      // Whoever passed over the job that this one had in its hands is told that it is there again.
      runners.look();
      throw error;
    }
  }

  /** `alone`: what has to do with places locks and looks for each runner by itself. */
  async function takeAll(asking: readonly AskingRunner[]): Promise<readonly (TakenJob | null | 'alone')[]> {
    // Most often nothing is there: that is seen without holding up those who write.
    const [awaited, lanes] = await Promise.all([awaitedNow(), lanesNow()]);
    const ways = asking.map((runner) => wayOf(runner, awaited, lanes));
    const plain = asking.filter((_, at) => ways[at] === 'together');
    const open = lanes.filter(({ lane }) => !isBound(lane));
    const taken =
      plain.length === 0
        ? []
        : await store.write((tx) => takeTogether(tx, { store, pipelines, clock }, open, plain));
    const jobs = new Map(plain.map((runner, at) => [runner, taken[at] ?? null]));
    return asking.map((runner, at) => (ways[at] === 'alone' ? 'alone' : (jobs.get(runner) ?? null)));
  }

  function wayOf(
    runner: AskingRunner,
    awaited: ReadonlyMap<string, number>,
    lanes: readonly { readonly lane: Lane }[],
  ): 'nothing' | 'together' | 'alone' {
    if (awaited.has(keyOf(runner))) return 'alone';
    const matches = matcherOf(runner);
    const able = lanes.filter(({ lane }) => matches(lane));
    if (able.length === 0) return 'nothing';
    return able.some(({ lane }) => isBound(lane)) ? 'alone' : 'together';
  }

  async function takeAlone(tx: Tx, runner: AskingRunner): Promise<TakenJob | null> {
    // What it has begun comes first: until that is over it takes room, and others cannot do it.
    const placed = await takePlaced(tx, runner);
    if (placed !== null) return placed;
    const matches = matcherOf(runner);
    const waiting = known(await waitingLanes(tx.db)).filter(({ lane }) => matches(lane));
    for (const lane of await inFairOrder(tx.db, waiting, runner.shared)) {
      const job = await takeFrom(tx, lane, runner);
      if (job !== null) return job;
    }
    return null;
  }

  async function awaitedNow(): Promise<ReadonlyMap<string, number>> {
    const holders = await store.read(awaitedHolders);
    return new Map(holders.map((holder) => [holderKey(holder), holder.jobs]));
  }

  async function lanesNow(jobsCounted?: number) {
    const waiting = await store.read(async (db) => {
      const found = await waitingLanes(db, jobsCounted);
      await catalogue.learn(
        db,
        found.map(({ lane }) => lane),
      );
      return found;
    });
    return known(waiting);
  }

  /** Lanes that are not known are so new that their jobs will be told of; their transaction is not even over. */
  function known(waiting: readonly WaitingLane[]) {
    return waiting.flatMap(({ lane: id, ...has }) => {
      const lane = catalogue.get(id);
      return lane === null ? [] : [{ ...has, lane }];
    });
  }

  /** The oldest job that waits at a place that the runner holds. */
  async function takePlaced(tx: Tx, runner: AskingRunner): Promise<TakenJob | null> {
    const held = runner.holder === undefined ? [] : await placesHeldBy(tx.db, runner.holder);
    if (held.length === 0) return null;
    const { rows } = await sql<{ readonly id: number }>`
      with oldest as materialized (
        select id from jobs
        where status = 'pending' and place_id is not null
          and place_id in (${sql.join(held.map(({ id }) => id))})
        order by id limit 100
      )
      select id from oldest where ${store.dialect.claims(sql<number>`id`)} limit 1
    `.execute(tx.db);
    return await firstStarted(tx, rows, null, runner);
  }

  async function takeFrom(tx: Tx, lane: Lane, runner: AskingRunner): Promise<TakenJob | null> {
    return await firstStarted(tx, await claim(tx.db, lane.id), lane, runner);
  }

  /** @param lane in which the jobs wait; null: at a place that the runner holds */
  async function firstStarted(
    tx: Tx,
    claimed: readonly { readonly id: number }[],
    lane: Lane | null,
    runner: AskingRunner,
  ): Promise<TakenJob | null> {
    for (const { id } of claimed) {
      const job = await tx.db
        .selectFrom('jobs')
        .select(['id', 'pipeline_id', 'project_id', 'name', 'position', 'attempt'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (job === undefined) continue;
      const { name, attempt, position, pipeline_id: pipelineId, project_id: projectId } = job;
      const place = await placeFor(tx, pipelineId, lane, runner);
      if (place === 'elsewhere') continue;
      // A place begins with the first job that runs there, and offered jobs do not run.
      const isOffered = runner.confirms === true && place === 'none';
      // It was canceled, or taken, just before.
      if (
        isOffered
          ? (await offerJobs(tx.db, [{ ...runner, jobId: id }], clock.now())).size === 0
          : !(await start(tx, job))
      ) {
        if (place === 'begun') await forgetBegun(tx, pipelineId);
        continue;
      }
      if (!isOffered) await stamp(tx.db, id, runner);
      return { id, pipelineId, projectId, name, position, attempt };
    }
    return null;
  }

  /** False: it waits no longer. */
  async function start(
    tx: Tx,
    { pipeline_id: pipelineId, name, attempt }: Pick<JobRow, 'pipeline_id' | 'name' | 'attempt'>,
  ): Promise<boolean> {
    const commands = await pipelines.applyIn(tx, pipelineId, [{ type: 'job-started', job: name, attempt }]);
    return commands !== null && hasStarted(commands, name, attempt);
  }

  function begin(jobId: number, tokenHash: string): Promise<boolean> {
    return store.write(async (tx) => {
      const job = await jobByToken(tx.db, tokenHash);
      if (job === null || job.id !== jobId || job.offered_at === null) return false;
      // As whoever cancels it does: first the pipeline, then the job.
      if (!(await lockPipeline(store, tx, job.pipeline_id))) return false;
      if (!(await closeOffer(tx.db, jobId, tokenHash))) return false;
      if (!(await start(tx, job))) throw new Error(`Job ${jobId} waits and cannot start`);
      // Not the moment in which it started: its runner has been heard of (see lost-jobs.ts).
      await touchJobs(tx.db, [jobId], clock.now() + 1);
      return true;
    });
  }

  /** One id that nobody else is just taking, of the oldest few; none when there is none. */
  async function claim(db: Db, laneId: number): Promise<readonly { readonly id: number }[]> {
    // The oldest are chosen first and claimed then, one by one until one is got: a claim lasts, needed or not.
    const { rows } = await sql<{ readonly id: number }>`
      with oldest as materialized (
        select id from jobs
        where ${WAITS} and lane_id = ${laneId}
        order by id limit 100
      )
      select id from oldest where ${store.dialect.claims(sql<number>`id`)} limit 1
    `.execute(db);
    return rows;
  }

  /**
   * Whether the runner may run a job of the pipeline, as far as its place goes; the first job begins that. Others may have
   * been given one of its jobs meanwhile, or it may have ended: the pipeline is locked before that is looked at.
   */
  async function placeFor(
    tx: Tx,
    pipelineId: number,
    lane: Lane | null,
    { holder }: AskingRunner,
  ): Promise<'none' | 'here' | 'begun' | 'elsewhere'> {
    if (lane !== null && !lane.features.includes(SLIPWAY_PLACE)) return 'none';
    if (holder === undefined || !(await lockPipeline(store, tx, pipelineId))) return 'elsewhere';
    const place = await placeOf(tx.db, pipelineId);
    if (place !== null) return place.isHeld && holderKey(place) === holderKey(holder) ? 'here' : 'elsewhere';
    if (lane === null) return 'elsewhere';
    await beginPlace(tx.db, { ...holder, pipelineId, laneId: lane.id, now: clock.now() });
    return 'begun';
  }

  /** Its first job did not begin after all, and the runner will never hear of it. */
  async function forgetBegun(tx: Tx, pipelineId: number): Promise<void> {
    const place = await placeOf(tx.db, pipelineId);
    if (place !== null) await forgetPlace(tx.db, place);
  }

  const runners: WaitingRunners = createWaitingRunners(async () => {
    const [lanes, holders] = await Promise.all([lanesNow(MOST_COUNTED), awaitedNow()]);
    return { lanes, holders };
  });
  const stop = store.listen('queue', () => runners.changed());

  return {
    take,
    begin,
    key: runners.key,
    serve: runners.serve,
    [Symbol.dispose]() {
      stop();
      runners.close();
    },
  };
}

/** Transactions of so many are short, and others do not wait for them for long. */
const MOST_AT_ONCE = 64;

function isBound({ features }: Lane): boolean {
  return features.includes(SLIPWAY_PLACE);
}

function keyOf({ holder }: AskingRunner): string {
  return holder === undefined ? '' : holderKey(holder);
}

function hasStarted(commands: readonly Command[], job: string, attempt: number): boolean {
  return commands.some(
    (command) =>
      command.type === 'job-status-changed' &&
      command.job === job &&
      command.attempt === attempt &&
      command.to === 'running',
  );
}

async function stamp(db: Db, id: number, runner: AskingRunner): Promise<void> {
  await db
    .updateTable('jobs')
    .set((row) => ({
      runner_id: runner.runnerId,
      system_id: runner.systemId,
      process: runner.holder?.process ?? null,
      on_shared: runner.shared ? 1 : 0,
      token_hash: runner.tokenHash,
      touched_at: row.ref('started_at'),
    }))
    .where('id', '=', id)
    .execute();
}
