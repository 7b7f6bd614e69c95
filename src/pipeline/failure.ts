import { cancelAllJobs } from './cancel.ts';
import { type Draft, jobAt, moveJob } from './draft.ts';
import type { Failure } from './event.ts';
import type { Job } from './plan.ts';
import { reopenJob } from './reopen.ts';
import { nodeAt } from './state.ts';
import type { FailureReason } from './status.ts';
import type { Cause } from './transitions.ts';

/**
 * A job has failed: it gets another attempt, or it is failed for good, which may cancel the rest of the pipeline.
 * @param again whether it gets one whatever its `retry` says
 */
export function failJob(
  draft: Draft,
  index: number,
  cause: Cause,
  failure: Failure,
  again: boolean = false,
): void {
  const { job } = nodeAt(draft.graph, index);
  const willRetry = again || mayRetry(job, jobAt(draft, index).attempt, failure);
  const allowedToFail = isAllowedToFail(job, failure);
  moveJob(draft, index, cause, 'failed', { failure, allowedToFail, willRetry });
  if (willRetry) reopenJob(draft, index, 'retried-automatically', { immediate: true });
  else if (!allowedToFail && draft.graph.plan.autoCancel.onJobFailure === 'all') cancelAllJobs(draft);
}

/** Reasons that another attempt cannot mend, whatever `retry` says. */
const NEVER_RETRIED: ReadonlySet<FailureReason> = new Set([
  'ci_quota_exceeded',
  'no_matching_runner',
  'missing_dependency_failure',
  'forward_deployment_failure',
  'environment_creation_failure',
]);

/** `retry` counts all earlier attempts of the job, also those that a person asked for. */
function mayRetry(job: Job, attempt: number, failure: Failure): boolean {
  if (job.kind !== 'build' || job.retry === null) return false;
  const { max, when, exitCodes } = job.retry;
  if (attempt > max || NEVER_RETRIED.has(failure.reason)) return false;
  if (when.length === 0 && exitCodes.length === 0) return true;
  if (when.includes('always') || when.includes(failure.reason)) return true;
  return failure.exitCode !== null && exitCodes.includes(failure.exitCode);
}

function isAllowedToFail(job: Job, failure: Failure): boolean {
  if (job.allowFailure) return true;
  return failure.exitCode !== null && job.allowFailureExitCodes.includes(failure.exitCode);
}
