import { advanceBridge } from './bridge.ts';
import { cancelAllJobs, cancelJob } from './cancel.ts';
import { decideJobs } from './decide.ts';
import {
  closeDraft,
  type Draft,
  enqueueJob,
  handOutJob,
  jobAt,
  moveJob,
  openDraft,
  type Step,
} from './draft.ts';
import type { JobOutcome, PipelineEvent } from './event.ts';
import { failJob } from './failure.ts';
import type { GraphNode } from './graph.ts';
import { reopenJob, reviveSkippedAfter } from './reopen.ts';
import { type JobState, nodeAt, type PipelineState } from './state.ts';
import { TRANSITIONS } from './transitions.ts';

type JobEvent = Extract<PipelineEvent, { readonly job: string }>;

/**
 * The state after an event, and what is to be done about it. Pure: the same state and event always give the same
 * step, and the state given is left as it was. An event that does not fit gives back the same state object and no
 * commands. Takes time in proportion to the jobs whose status or needs it changes, times log n.
 */
export function advance(state: PipelineState, event: PipelineEvent): Step {
  const draft = openDraft(state);
  switch (event.type) {
    case 'pipeline-started':
      startPipeline(draft);
      break;
    case 'pipeline-canceled':
      cancelAllJobs(draft);
      draft.started = true;
      break;
    default:
      advanceJob(draft, event);
  }
  if (draft.started) decideJobs(draft);
  return closeDraft(draft, state);
}

function startPipeline(draft: Draft): void {
  if (draft.started) return;
  draft.started = true;
  for (const { index, needs } of draft.graph.nodes) {
    if (needs?.length === 0) draft.undecided.push(index);
  }
}

function advanceJob(draft: Draft, event: JobEvent): void {
  const index = draft.graph.indexes.get(event.job);
  if (index === undefined || !draft.started) return;
  const node = nodeAt(draft.graph, index);
  const state = jobAt(draft, index);
  if (fits(event, state)) applyJobEvent(draft, node, state, event);
}

function fits(event: JobEvent, state: JobState): boolean {
  if ('attempt' in event && event.attempt !== state.attempt) return false;
  return TRANSITIONS[state.status][event.type] !== undefined;
}

function applyJobEvent(draft: Draft, node: GraphNode, state: JobState, event: JobEvent): void {
  const { index, job } = node;
  switch (event.type) {
    case 'job-started':
      if (job.kind === 'build') moveJob(draft, index, event.type, 'running');
      return;
    case 'job-finished':
      if (job.kind === 'build') finishJob(draft, index, state, event.outcome);
      return;
    case 'job-played':
      playJob(draft, index, state, event);
      return;
    case 'job-retried':
      reopenJob(draft, index, event.type, { immediate: true, variables: event.variables ?? state.variables });
      reviveSkippedAfter(draft, index);
      return;
    case 'job-canceled':
      cancelJob(draft, index, event.type);
      return;
    case 'job-unscheduled':
      moveJob(draft, index, event.type, 'manual');
      return;
    case 'delay-elapsed':
      enqueueJob(draft, index, event.type);
      return;
    case 'resource-granted':
      handOutJob(draft, index, event.type);
      return;
    case 'downstream-created':
    case 'downstream-refused':
    case 'downstream-resumed':
    case 'downstream-changed':
      if (job.kind === 'bridge') advanceBridge(draft, index, job, event);
  }
}

/** Whatever a runner says of a job that it was asked to stop, the job is canceled. */
function finishJob(draft: Draft, index: number, state: JobState, outcome: JobOutcome): void {
  if (state.status === 'canceling') {
    moveJob(draft, index, 'job-finished', 'canceled');
  } else if (outcome.status === 'failed') {
    const { reason, exitCode, again = false } = outcome;
    failJob(draft, index, 'job-finished', { reason, exitCode }, again);
  } else {
    moveJob(draft, index, 'job-finished', outcome.status);
  }
}

function playJob(
  draft: Draft,
  index: number,
  state: JobState,
  event: Extract<JobEvent, { readonly type: 'job-played' }>,
): void {
  // A bridge that shows the `manual` of its downstream pipeline was played long ago.
  if (state.hasDownstream) return;
  enqueueJob(draft, index, event.type, { variables: event.variables });
  if (state.status === 'manual') reviveSkippedAfter(draft, index);
}
