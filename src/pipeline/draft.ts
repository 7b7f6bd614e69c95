import type { Command } from './command.ts';
import type { Graph, GraphNode } from './graph.ts';
import { itemAt, type MarkedList, type OwnNodes, withItem } from './marked-list.ts';
import { recountNeed } from './need-counts.ts';
import { bitsOfJob, type JobState, nodeAt, type PipelineState, pipelineStatus } from './state.ts';
import type { JobStatus } from './status.ts';
import { type Cause, TRANSITIONS } from './transitions.ts';

/** The next state while one event is being worked in. Lives only inside `advance`. */
export interface Draft {
  readonly graph: Graph;
  started: boolean;
  jobs: MarkedList<JobState>;
  readonly ownNodes: OwnNodes;
  readonly commands: Command[];
  /** Indexes of jobs with `needs` that can perhaps be decided now, to be looked at in this order. */
  readonly undecided: number[];
}

export interface Step {
  readonly state: PipelineState;
  readonly commands: readonly Command[];
}

/** What may change about a job together with its status. */
export type JobChanges = Partial<
  Pick<JobState, 'attempt' | 'allowedToFail' | 'failure' | 'immediate' | 'variables' | 'hasDownstream'>
>;

export function openDraft(state: PipelineState): Draft {
  const { graph, started, jobs } = state;
  return { graph, started, jobs, ownNodes: new Set(), commands: [], undecided: [] };
}

/** The step from `before` to what the draft has become; `before` itself when nothing has changed. */
export function closeDraft(draft: Draft, before: PipelineState): Step {
  if (draft.jobs === before.jobs && draft.started === before.started) return { state: before, commands: [] };
  const state = { graph: draft.graph, started: draft.started, jobs: draft.jobs };
  const from = pipelineStatus(before);
  const to = pipelineStatus(state);
  if (from !== to) draft.commands.push({ type: 'pipeline-status-changed', from, to });
  return { state, commands: draft.commands };
}

export function jobAt(draft: Draft, index: number): JobState {
  return itemAt(draft.jobs, index);
}

/**
 * Gives a job another status, says so, gives up the resource or the timer that the new status has no use for, and lets
 * the jobs that need it know. Throws an Error when the table of transitions does not have this one.
 */
export function moveJob(
  draft: Draft,
  index: number,
  cause: Cause,
  to: JobStatus,
  changes: JobChanges & { readonly willRetry?: boolean } = {},
): void {
  const node = nodeAt(draft.graph, index);
  const before = jobAt(draft, index);
  if (TRANSITIONS[before.status][cause]?.includes(to) !== true) {
    throw new Error(`Job ${node.job.name}: no transition from ${before.status} to ${to} by ${cause}`);
  }
  const { willRetry = false, ...changed } = changes;
  const after = updateJob(draft, node, { ...before, failure: null, ...changed, status: to });
  draft.commands.push({
    type: 'job-status-changed',
    job: node.job.name,
    attempt: after.attempt,
    from: before.status,
    to,
    allowedToFail: after.allowedToFail,
    failure: after.failure,
    willRetry,
  });
  if (usesResource(before) && !usesResource(after)) releaseResource(draft, node, before.attempt);
  if (before.status === 'scheduled' && cause !== 'delay-elapsed') {
    draft.commands.push({ type: 'cancel-timer', job: node.job.name, attempt: before.attempt });
  }
}

/** Notes that the downstream pipeline of a bridge exists, which changes no status by itself. */
export function noteDownstream(draft: Draft, index: number): void {
  updateJob(draft, nodeAt(draft.graph, index), { ...jobAt(draft, index), hasDownstream: true });
}

/** The way of a job that may run now: to the resource group's queue if it has one, else to whoever carries it out. */
export function enqueueJob(draft: Draft, index: number, cause: Cause, changes: JobChanges = {}): void {
  const { job } = nodeAt(draft.graph, index);
  if (job.resourceGroup === null) {
    handOutJob(draft, index, cause, changes);
    return;
  }
  moveJob(draft, index, cause, 'waiting_for_resource', changes);
  const { attempt } = jobAt(draft, index);
  draft.commands.push({ type: 'request-resource', job: job.name, attempt, group: job.resourceGroup });
}

export function handOutJob(draft: Draft, index: number, cause: Cause, changes: JobChanges = {}): void {
  const { job } = nodeAt(draft.graph, index);
  moveJob(draft, index, cause, 'pending', changes);
  const { attempt, variables } = jobAt(draft, index);
  const type = job.kind === 'bridge' ? 'trigger-downstream' : 'run-job';
  draft.commands.push({ type, job: job.name, attempt, variables });
}

function updateJob(draft: Draft, node: GraphNode, changed: JobState): JobState {
  const before = jobAt(draft, node.index);
  const after = { ...changed, bits: bitsOfJob(node, changed.status, changed.allowedToFail) };
  draft.jobs = withItem(draft.jobs, node.index, after, draft.ownNodes);
  if (before.bits !== after.bits) tellDependents(draft, node, before.bits, after.bits);
  return after;
}

function tellDependents(draft: Draft, node: GraphNode, before: number, after: number): void {
  for (const dependent of node.dependents) {
    const state = jobAt(draft, dependent);
    const needs = recountNeed(state.needs, before, after);
    if (needs === state.needs) continue;
    draft.jobs = withItem(draft.jobs, dependent, { ...state, needs }, draft.ownNodes);
    if (state.status === 'created') draft.undecided.push(dependent);
  }
}

/** From the request until the job is over; for a bridge that follows its downstream pipeline, until that is. */
function usesResource(job: JobState): boolean {
  switch (job.status) {
    case 'waiting_for_resource':
    case 'pending':
    case 'running':
    case 'canceling':
      return true;
    case 'manual':
      return job.hasDownstream;
    default:
      return false;
  }
}

function releaseResource(draft: Draft, node: GraphNode, attempt: number): void {
  const group = node.job.resourceGroup;
  if (group === null) return;
  draft.commands.push({ type: 'release-resource', job: node.job.name, attempt, group });
}
