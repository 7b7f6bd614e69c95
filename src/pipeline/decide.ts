import { UNSETTLED } from './composite.ts';
import { type Draft, enqueueJob, jobAt, moveJob } from './draft.ts';
import type { GraphNode } from './graph.ts';
import { bitsBetween, firstIndexWith } from './marked-list.ts';
import { settledStatusOfNeeds } from './need-counts.ts';
import type { JobWhen } from './plan.ts';
import { nodeAt, statusBetween, WAITS_FOR_STAGES } from './state.ts';
import type { JobStatus } from './status.ts';

/** Decides every created job that no longer has to wait, and what follows from that, until nothing moves. */
export function decideJobs(draft: Draft): void {
  do {
    // The queue grows while it is walked: each decision may free dependents.
    for (const index of draft.undecided) decideByNeeds(draft, index);
    draft.undecided.length = 0;
  } while (openNextStage(draft));
}

function decideByNeeds(draft: Draft, index: number): void {
  const node = nodeAt(draft.graph, index);
  const { status, needs } = jobAt(draft, index);
  if (status !== 'created' || node.needs === null) return;
  // GitLab starts a `when: always` job as soon as one need is skipped, while others still run. Here it waits for all.
  if (node.job.when === 'always' && needs.unsettled > 0) return;
  const previous = settledStatusOfNeeds(needs);
  if (previous !== null) decide(draft, node, previous);
}

/**
 * Jobs without `needs` wait until every job of the stages before theirs is settled. So the only stage that can have
 * such jobs to decide is the first with an unsettled job. Returns whether it had any.
 */
function openNextStage(draft: Draft): boolean {
  const unsettled = firstIndexWith(draft.jobs, UNSETTLED, 0);
  if (unsettled === null) return false;
  const { from, to } = nodeAt(draft.graph, unsettled).stage;
  if ((bitsBetween(draft.jobs, from, to) & WAITS_FOR_STAGES) === 0) return false;
  const previous = statusBetween(draft.jobs, 0, from) ?? 'success';
  let index = firstIndexWith(draft.jobs, WAITS_FOR_STAGES, from);
  while (index !== null && index < to) {
    decide(draft, nodeAt(draft.graph, index), previous);
    index = firstIndexWith(draft.jobs, WAITS_FOR_STAGES, index + 1);
  }
  return true;
}

/** The statuses of what comes before a job after which it runs; after any other it is skipped. */
const RUNS_AFTER: Readonly<Record<JobWhen, readonly JobStatus[]>> = {
  on_success: ['success', 'skipped'],
  manual: ['success', 'skipped'],
  delayed: ['success', 'skipped'],
  on_failure: ['failed'],
  always: ['success', 'failed', 'skipped'],
};

function decide(draft: Draft, node: GraphNode, previous: JobStatus): void {
  const { index, job } = node;
  const { immediate, attempt } = jobAt(draft, index);
  if (!runsAfter(node, previous)) {
    moveJob(draft, index, 'decided', 'skipped');
  } else if (job.when === 'manual' && !immediate) {
    moveJob(draft, index, 'decided', 'manual');
  } else if (job.when === 'delayed' && !immediate) {
    moveJob(draft, index, 'decided', 'scheduled');
    draft.commands.push({ type: 'start-timer', job: job.name, attempt, seconds: job.startInSeconds ?? 0 });
  } else {
    enqueueJob(draft, index, 'decided');
  }
}

function runsAfter(node: GraphNode, previous: JobStatus): boolean {
  // Skipped stages are passed over, but a job that names a skipped one in `needs` misses what it asked for.
  if (previous === 'skipped' && node.needs !== null) return node.job.when === 'always';
  return RUNS_AFTER[node.job.when].includes(previous);
}
