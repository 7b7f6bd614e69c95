import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { PipelineStore } from '../pipelines/pipeline-store.ts';
import type { Db, Store, Tx } from '../store.ts';
import { type Lane, matcherOf } from './lane-catalogue.ts';
import { offerJobs } from './offers.ts';
import { lockPipeline } from './places.ts';
import type { AskingRunner, TakenJob } from './queue.ts';
import { runningOnShared, WAITS } from './waiting-lanes.ts';

/** A lane in which jobs wait, and none older than this one, as was seen just before. */
export interface LaneInTurn {
  readonly lane: Lane;
  readonly oldest: number;
}

interface Parts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly clock: Clock;
}

interface Choice {
  readonly runner: AskingRunner;
  /** The runner's place among those who ask. */
  readonly at: number;
  readonly job: TakenJob;
}

/**
 * Gives several runners their jobs in one transaction, or offers them, to each what it would have got after those before it. Whatever
 * they take of one pipeline is one step of that, so that twenty runners at one pipeline do not wait twenty times for the disk.
 * Jobs of lanes that are bound to a place are not for this. Answers in the order of the runners.
 */
export async function takeTogether(
  tx: Tx,
  parts: Parts,
  lanes: readonly LaneInTurn[],
  runners: readonly AskingRunner[],
): Promise<readonly (TakenJob | null)[]> {
  const turns = await createTurns(tx.db, lanes, runners);
  const claimed: Choice[] = [];
  let asking: readonly Omit<Choice, 'job'>[] = runners.map((runner, at) => ({ runner, at }));
  for (let round = 0; round < ROUNDS && asking.length > 0; round += 1) {
    const chosen: Choice[] = [];
    for (const { runner, at } of asking) {
      const job = await turns.next(runner);
      if (job !== null) chosen.push({ runner, at, job });
    }
    const got = await claim(parts.store, tx.db, chosen);
    claimed.push(...chosen.filter(({ job }) => got.has(job.id)));
    // Another process is just taking those: their runners get the next ones.
    asking = chosen.filter(({ job }) => !got.has(job.id));
  }
  const given = await give(tx, parts, claimed);
  const taken = new Map(given.map(({ at, job }) => [at, job]));
  return runners.map((_, at) => taken.get(at) ?? null);
}

const ROUNDS = 3;

/** Whose turn it is: the oldest job first; for a runner that projects share, projects with few jobs on such runners. */
async function createTurns(db: Db, lanes: readonly LaneInTurn[], runners: readonly AskingRunner[]) {
  const projects = [...new Set(lanes.map(({ lane }) => lane.projectId))];
  const isShared = projects.length > 1 && runners.some(({ shared }) => shared);
  const running = new Map(isShared ? await runningOnShared(db, projects) : []);
  const waiting = new Map(lanes.map(({ lane, oldest }) => [lane, oldest]));
  const read = new Map<Lane, TakenJob[]>();

  /** The jobs of a lane that follow those that were read before, as many as there are runners. */
  async function readOn(lane: Lane, from: number): Promise<TakenJob[]> {
    const jobs = await oldestJobs(db, { laneId: lane.id, from, count: runners.length });
    read.set(lane, jobs);
    return jobs;
  }

  function laneFor(runner: AskingRunner): Lane | null {
    const matches = matcherOf(runner);
    let best: { readonly lane: Lane; readonly load: number; readonly oldest: number } | null = null;
    for (const [lane, oldest] of waiting) {
      if (!matches(lane)) continue;
      const load = runner.shared ? (running.get(lane.projectId) ?? 0) : 0;
      if (best === null || load < best.load || (load === best.load && oldest < best.oldest)) {
        best = { lane, load, oldest };
      }
    }
    return best?.lane ?? null;
  }

  return {
    async next(runner: AskingRunner): Promise<TakenJob | null> {
      for (;;) {
        const lane = laneFor(runner);
        if (lane === null) return null;
        const kept = read.get(lane) ?? [];
        const jobs = kept.length > 0 ? kept : await readOn(lane, waiting.get(lane) ?? 0);
        const job = jobs.shift();
        if (job === undefined) {
          waiting.delete(lane);
          continue;
        }
        waiting.set(lane, jobs[0]?.id ?? job.id + 1);
        if (runner.shared) running.set(lane.projectId, (running.get(lane.projectId) ?? 0) + 1);
        return job;
      }
    },
  };
}

async function oldestJobs(
  db: Db,
  { laneId, from, count }: { readonly laneId: number; readonly from: number; readonly count: number },
): Promise<TakenJob[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'pipeline_id', 'project_id', 'name', 'position', 'attempt'])
    .where(WAITS)
    .where('lane_id', '=', laneId)
    .where('id', '>=', from)
    .orderBy('id')
    .limit(count)
    .execute();
  return rows.map(({ pipeline_id: pipelineId, project_id: projectId, ...job }) => ({
    ...job,
    pipelineId,
    projectId,
  }));
}

/** The jobs that nobody else is just taking: chosen first and claimed then, because a claim lasts, needed or not. */
async function claim(store: Store, db: Db, chosen: readonly Choice[]): Promise<ReadonlySet<number>> {
  if (chosen.length === 0) return new Set();
  const { rows } = await sql<{ readonly id: number }>`
    with chosen as materialized (
      select id from jobs where id in (${sql.join(chosen.map(({ job }) => job.id))})
    )
    select id from chosen where ${store.dialect.claims(sql<number>`id`)}
  `.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Those that have really started, or are offered: one may have been canceled, or taken, just before. */
async function give(tx: Tx, parts: Parts, claimed: readonly Choice[]): Promise<readonly Choice[]> {
  const started: Choice[] = [];
  const toOffer: Choice[] = [];
  const byPipeline = Map.groupBy(claimed, ({ job }) => job.pipelineId);
  // In one order everywhere, so that no two processes each hold what the other waits for.
  for (const pipelineId of [...byPipeline.keys()].sort((a, b) => a - b)) {
    const choices = Map.groupBy(byPipeline.get(pipelineId) ?? [], ({ runner }) => runner.confirms === true);
    started.push(...(await start(tx, parts, pipelineId, choices.get(false) ?? [])));
    const waiting = choices.get(true) ?? [];
    // As whoever cancels them does: first the pipeline, then the jobs.
    if (waiting.length > 0 && (await lockPipeline(parts.store, tx, pipelineId))) toOffer.push(...waiting);
  }
  await stamp(tx.db, started);
  const offered = await offerJobs(
    tx.db,
    toOffer.map(({ runner, job }) => ({ ...runner, jobId: job.id })),
    parts.clock.now(),
  );
  return [...started, ...toOffer.filter(({ job }) => offered.has(job.id))];
}

async function start(
  tx: Tx,
  { pipelines }: Parts,
  pipelineId: number,
  choices: readonly Choice[],
): Promise<readonly Choice[]> {
  if (choices.length === 0) return [];
  const events = choices.map(({ job: { name, attempt } }) => ({
    ...{ type: 'job-started' as const, job: name, attempt },
  }));
  const commands = (await pipelines.applyIn(tx, pipelineId, events)) ?? [];
  const running = new Set(
    commands.flatMap((command) =>
      command.type === 'job-status-changed' && command.to === 'running'
        ? [`${command.attempt} ${command.job}`]
        : [],
    ),
  );
  return choices.filter(({ job: { name, attempt } }) => running.has(`${attempt} ${name}`));
}

/** Whose they are now. */
async function stamp(db: Db, started: readonly Choice[]): Promise<void> {
  if (started.length === 0) return;
  const rows = started.map(({ runner, job }) => {
    const { runnerId, systemId, shared, tokenHash, holder } = runner;
    return sql`(cast(${job.id} as bigint), cast(${runnerId} as bigint), cast(${systemId} as text),
      cast(${shared ? 1 : 0} as bigint), cast(${tokenHash} as text),
      cast(${holder?.process ?? null} as text))`;
  });
  await sql`
    update jobs set runner_id = given.column2, system_id = given.column3, on_shared = given.column4,
      token_hash = given.column5, process = given.column6, touched_at = started_at
    from (values ${sql.join(rows)}) as given where jobs.id = given.column1
  `.execute(db);
}
