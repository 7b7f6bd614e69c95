import { compositeStatus, FIRST_FREE_BIT, IN_FLIGHT, markOf } from './composite.ts';
import type { Failure, PlayVariables } from './event.ts';
import { type Graph, type GraphNode, graphOf } from './graph.ts';
import {
  bitsBetween,
  changedIndexes,
  itemAt,
  itemsOf,
  type Marked,
  type MarkedList,
  markedListOf,
} from './marked-list.ts';
import { countNeeds, type NeedCounts } from './need-counts.ts';
import type { Plan } from './plan.ts';
import type { JobStatus, PipelineStatus } from './status.ts';

/**
 * A pipeline at one moment: an immutable value. Read it with the functions below; only `advance` makes the next one.
 * Everything that can be computed from the statuses (of stages, of the pipeline, of what comes before a job) is kept
 * as marks in the list of jobs, so that no event has to look at all of them.
 */
export interface PipelineState {
  readonly graph: Graph;
  readonly started: boolean;
  readonly jobs: MarkedList<JobState>;
}

export interface JobState extends Marked {
  readonly status: JobStatus;
  /** Counts from 1. A retry is a new attempt; nothing is handed out twice in one attempt. */
  readonly attempt: number;
  /** The job's `allow_failure`, or true because it failed with one of `allow_failure:exit_codes`. */
  readonly allowedToFail: boolean;
  /** Why it failed; null unless the status is `failed`. */
  readonly failure: Failure | null;
  /** Somebody wants it to run without waiting to be played or for its delay: it is a retry. */
  readonly immediate: boolean;
  readonly variables: PlayVariables;
  /** A bridge whose downstream pipeline exists, in this attempt. */
  readonly hasDownstream: boolean;
  /** How the jobs named in `needs` stand. */
  readonly needs: NeedCounts;
}

/** Set beside the mark of a created job that waits for the stages before it. */
export const WAITS_FOR_STAGES = FIRST_FREE_BIT;

/** The pipeline before anything happened. Throws an Error when the plan breaks its own rules (see graph.ts). */
export function createState(plan: Plan): PipelineState {
  const graph = graphOf(plan);
  return { graph, started: false, jobs: markedListOf(graph.nodes.map(createdJob)) };
}

export function pipelineStatus(state: PipelineState): PipelineStatus {
  return statusBetween(state.jobs, 0, state.jobs.length) ?? 'success';
}

/** Throws an Error for a stage that the plan does not have. */
export function stageStatus(state: PipelineState, stage: string): PipelineStatus {
  const range = state.graph.stages.find((candidate) => candidate.name === stage);
  if (range === undefined) throw new Error(`No stage ${stage} in this pipeline`);
  return statusBetween(state.jobs, range.from, range.to) ?? 'success';
}

/** Throws an Error for a job that the plan does not have. */
export function jobState(state: PipelineState, name: string): JobState {
  const index = state.graph.indexes.get(name);
  if (index === undefined) throw new Error(`No job ${name} in this pipeline`);
  return itemAt(state.jobs, index);
}

/** Name and state of every job, in plan order. */
export function* jobStates(state: PipelineState): Generator<readonly [name: string, job: JobState]> {
  let index = 0;
  for (const job of itemsOf(state.jobs)) {
    yield [nodeAt(state.graph, index).job.name, job];
    index += 1;
  }
}

/** A job whose state is another than before, and its place in the plan. */
export interface ChangedJob {
  readonly index: number;
  readonly before: JobState;
  readonly after: JobState;
}

/** The jobs that differ between two states of one pipeline, in plan order; takes time in proportion to what differs. */
export function* changedJobs(before: PipelineState, after: PipelineState): Generator<ChangedJob> {
  for (const index of changedIndexes(before.jobs, after.jobs)) {
    yield { index, before: itemAt(before.jobs, index), after: itemAt(after.jobs, index) };
  }
}

/**
 * Nobody works on any job and no timer runs: without a person nothing more will happen. A pipeline that is idle but
 * not completed is blocked by a manual job (status `manual`), or has not been started.
 */
export function isIdle(state: PipelineState): boolean {
  return (bitsBetween(state.jobs, 0, state.jobs.length) & IN_FLIGHT) === 0;
}

/** The composite status of the jobs from `from` up to, not including, `to`; null when there are none. */
export function statusBetween(jobs: MarkedList<JobState>, from: number, to: number): JobStatus | null {
  return compositeStatus(bitsBetween(jobs, from, to) & ~WAITS_FOR_STAGES);
}

export function bitsOfJob(node: GraphNode, status: JobStatus, allowedToFail: boolean): number {
  const waitsForStages = status === 'created' && node.needs === null;
  return markOf(status, allowedToFail) | (waitsForStages ? WAITS_FOR_STAGES : 0);
}

export function nodeAt(graph: Graph, index: number): GraphNode {
  const node = graph.nodes[index];
  if (node === undefined) throw new RangeError(`No job ${index} in a pipeline of ${graph.nodes.length}`);
  return node;
}

function createdJob(node: GraphNode): JobState {
  const allowedToFail = node.job.allowFailure;
  return {
    status: 'created',
    attempt: 1,
    allowedToFail,
    failure: null,
    immediate: false,
    variables: {},
    hasDownstream: false,
    needs: countNeeds((node.needs ?? []).map(() => markOf('created', false))),
    bits: bitsOfJob(node, 'created', allowedToFail),
  };
}
