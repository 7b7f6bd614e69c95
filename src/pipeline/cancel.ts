import { markOf, UNSETTLED } from './composite.ts';
import { type Draft, jobAt, moveJob } from './draft.ts';
import { firstIndexWith } from './marked-list.ts';
import { nodeAt } from './state.ts';
import type { Cause } from './transitions.ts';

const CANCELABLE = (UNSETTLED & ~markOf('canceling', false)) | markOf('manual', true);

/**
 * Cancels every job that is not over, also those that would have run after a failure. Children that no job answers for
 * end with their parent, as in GitLab (app/services/ci/cancel_pipeline_service.rb).
 */
export function cancelAllJobs(draft: Draft): void {
  let index = firstIndexWith(draft.jobs, CANCELABLE, 0);
  while (index !== null) {
    cancelJob(draft, index, 'pipeline-canceled');
    index = firstIndexWith(draft.jobs, CANCELABLE, index + 1);
  }
  for (const detached of draft.graph.detached) {
    const { status, attempt, hasDownstream } = jobAt(draft, detached);
    if (status !== 'success' || !hasDownstream) continue;
    draft.commands.push({ type: 'cancel-downstream', job: nodeAt(draft.graph, detached).job.name, attempt });
  }
}

/**
 * A job that somebody works on becomes `canceling` until they say that they have stopped; a bridge also while the
 * answer to its trigger is still out, because the pipeline that comes of it has to be canceled too.
 */
export function cancelJob(
  draft: Draft,
  index: number,
  cause: Extract<Cause, 'job-canceled' | 'pipeline-canceled'>,
): void {
  const { job } = nodeAt(draft.graph, index);
  const { status, attempt, hasDownstream } = jobAt(draft, index);
  const handedOut = status === 'pending' || status === 'running';
  const waitsForAnswer = job.kind === 'bridge' ? handedOut || hasDownstream : status === 'running';
  moveJob(draft, index, cause, waitsForAnswer ? 'canceling' : 'canceled');
  if (handedOut && job.kind === 'build') draft.commands.push({ type: 'cancel-job', job: job.name, attempt });
  if (hasDownstream) draft.commands.push({ type: 'cancel-downstream', job: job.name, attempt });
}
