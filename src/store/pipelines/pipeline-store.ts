import type { Clock } from '../../base/clock.ts';
import {
  advance,
  type Command,
  createState,
  isCompleted,
  type PipelineEvent,
  type PipelineState,
  type Plan,
  pipelineStatus,
} from '../../pipeline/index.ts';
import type { Db, Store, Tx } from '../store.ts';
import { createOutbox } from '../work/outbox.ts';
import { createTimers } from '../work/timers.ts';
import {
  type CreatedPipeline,
  insertFailedPipeline,
  insertPipeline,
  type NewPipeline,
} from './create-pipeline.ts';
import { findPlan, loadState } from './load-state.ts';
import { packPlan } from './plan-bytes.ts';
import { saveCommands } from './save-commands.ts';
import { saveJobs } from './save-step.ts';
import { createStateCache, newStamp } from './state-cache.ts';

/**
 * The pipelines of a store, moved by the one state machine. An event is one transaction: the changed jobs, the
 * pipeline's status, what is to be done (outbox and timers), or nothing of it. However many processes apply events to
 * a pipeline, it has one history, in which each event comes after all that were acknowledged before it was given.
 */
export interface PipelineStore {
  /**
   * Writes a pipeline with all its jobs, and starts it in the same transaction. Throws an Error when the plan breaks
   * its own rules. `also` writes what belongs to it in the same transaction.
   */
  create(
    pipeline: NewPipeline,
    also?: (tx: Tx, created: CreatedPipeline) => Promise<void>,
  ): Promise<CreatedPipeline>;
  /** Writes a pipeline that could not be made, for people to see why (`context`). */
  createFailed(
    pipeline: Omit<NewPipeline, 'plan' | 'requires'>,
    also?: (tx: Tx, created: CreatedPipeline) => Promise<void>,
  ): Promise<CreatedPipeline>;
  /** Applies events in their order. Answers with all commands, which are written by then; null: no such pipeline. */
  apply(pipelineId: number, events: readonly PipelineEvent[]): Promise<readonly Command[] | null>;
  /** The same as a part of a larger transaction. Take the pipeline before other rows that others change too. */
  applyIn(tx: Tx, pipelineId: number, events: readonly PipelineEvent[]): Promise<readonly Command[] | null>;
  /** The plan with its index, which never change: asked for however fast the state does. Null: no such pipeline. */
  graph(pipelineId: number): Promise<PipelineState['graph'] | null>;
  /** The state as it stands in the database; null: no such pipeline. */
  state(pipelineId: number): Promise<PipelineState | null>;
  /** The plan, which never changes: most often without asking the database. */
  plan(pipelineId: number): Promise<Plan | null>;
}

export interface PipelineStoreOptions {
  /** States of pipelines of together so many jobs are kept in memory; each takes about half a kilobyte. */
  readonly maxCachedJobs?: number;
  /** Which of the commands that only tell of something are written to the outbox; absent: all. */
  readonly tells?: (
    command: Extract<Command, { type: 'job-status-changed' | 'pipeline-status-changed' }>,
  ) => boolean;
  /** Told of what has been written, once it is; it must not throw. */
  readonly changed?: (pipelineId: number, commands: readonly Command[]) => void;
}

export function createPipelineStore(
  store: Store,
  clock: Clock,
  { maxCachedJobs = 100_000, tells = () => true, changed = () => undefined }: PipelineStoreOptions = {},
): PipelineStore {
  const cache = createStateCache(maxCachedJobs);
  /** Of pipelines whose states were not needed yet, or not for long. */
  const graphs = new Map<number, PipelineState['graph']>();
  const work = { outbox: createOutbox(store, clock), timers: createTimers(store, clock), tells };

  async function create(
    pipeline: NewPipeline,
    also?: (tx: Tx, created: CreatedPipeline) => Promise<void>,
  ): Promise<CreatedPipeline> {
    // All that takes long is done before the transaction, for which others have to wait.
    const packed = packPlan(pipeline.plan);
    const { state, commands } = advance(createState(pipeline.plan), { type: 'pipeline-started' });
    const stamp = newStamp();
    const created = await store.write(async (tx) => {
      const now = clock.now();
      const { maxParameters } = store.dialect;
      const ids = await insertPipeline(tx.db, pipeline, packed, state, { stamp, now, maxParameters });
      await saveCommands(tx, work, { pipelineId: ids.id, after: state, commands, now });
      await also?.(tx, { ...ids, commands });
      tx.afterCommit(() => changed(ids.id, commands));
      return { ...ids, commands };
    });
    cache.put(created.id, stamp, state);
    return created;
  }

  async function applyIn(
    tx: Tx,
    pipelineId: number,
    events: readonly PipelineEvent[],
  ): Promise<readonly Command[] | null> {
    const row = await tx.db
      .selectFrom('pipelines')
      .select(['version', 'stamp', 'started', 'started_at'])
      .where('id', '=', pipelineId)
      .modifyEnd(store.dialect.lockRows)
      .executeTakeFirst();
    if (row === undefined) return null;
    const before = await stateOf(tx.db, pipelineId, row);
    const { state: after, commands } = advanceAll(before, events);
    if (after === before) return [];
    const now = clock.now();
    const stamp = newStamp();
    const status = pipelineStatus(after);
    await saveJobs(tx.db, { pipelineId, before, after, commands, now });
    await tx.db
      .updateTable('pipelines')
      .set({
        status,
        started: after.started ? 1 : 0,
        version: row.version + 1,
        stamp,
        updated_at: now,
        started_at: row.started_at ?? (status === 'running' ? now : null),
        ...(statusChanged(commands) ? { finished_at: isCompleted(status) ? now : null } : {}),
      })
      .where('id', '=', pipelineId)
      .execute();
    await saveCommands(tx, work, { pipelineId, after, commands, now });
    cache.put(pipelineId, stamp, after);
    tx.afterCommit(() => changed(pipelineId, commands));
    return commands;
  }

  async function stateOf(
    db: Db,
    pipelineId: number,
    row: { readonly stamp: number; readonly started: number },
  ): Promise<PipelineState> {
    const known = cache.get(pipelineId, row.stamp);
    if (known !== null) return known;
    const plan = cache.any(pipelineId)?.graph.plan ?? null;
    return await loadState(db, pipelineId, row.started === 1, plan);
  }

  async function state(pipelineId: number): Promise<PipelineState | null> {
    for (;;) {
      const before = await rowOf(pipelineId);
      if (before === null) return null;
      const found = await store.read((db) => stateOf(db, pipelineId, before));
      const after = await rowOf(pipelineId);
      // Otherwise jobs of two versions may have been read.
      if (after?.stamp !== before.stamp) continue;
      cache.put(pipelineId, before.stamp, found);
      return found;
    }
  }

  async function graph(pipelineId: number): Promise<PipelineState['graph'] | null> {
    const known = cache.any(pipelineId)?.graph ?? graphs.get(pipelineId);
    if (known !== undefined) return known;
    const plan = await store.read((db) => findPlan(db, pipelineId));
    if (plan === null) return null;
    const { graph: made } = createState(plan);
    graphs.set(pipelineId, made);
    for (const oldest of graphs.keys()) {
      if (graphs.size <= MOST_GRAPHS) break;
      graphs.delete(oldest);
    }
    return made;
  }

  async function rowOf(pipelineId: number) {
    const row = await store.read((db) =>
      db.selectFrom('pipelines').select(['stamp', 'started']).where('id', '=', pipelineId).executeTakeFirst(),
    );
    return row ?? null;
  }

  return {
    create,
    createFailed: (pipeline, also) =>
      store.write(async (tx) => {
        const ids = await insertFailedPipeline(tx.db, pipeline, { stamp: newStamp(), now: clock.now() });
        const created = { ...ids, commands: [] };
        await also?.(tx, created);
        return created;
      }),
    apply: (pipelineId, events) => store.write((tx) => applyIn(tx, pipelineId, events)),
    applyIn,
    graph,
    state,
    plan: async (pipelineId) => (cache.any(pipelineId) ?? (await state(pipelineId)))?.graph.plan ?? null,
  };
}

/** The jobs of as many pipelines are given out at the same time. */
const MOST_GRAPHS = 50;

function advanceAll(
  before: PipelineState,
  events: readonly PipelineEvent[],
): { readonly state: PipelineState; readonly commands: readonly Command[] } {
  let state = before;
  const commands: Command[] = [];
  for (const event of events) {
    const step = advance(state, event);
    state = step.state;
    for (const command of step.commands) commands.push(command);
  }
  return { state, commands };
}

function statusChanged(commands: readonly Command[]): boolean {
  return commands.some(({ type }) => type === 'pipeline-status-changed');
}
