import type { JobStatusChanged } from '../pipeline/index.ts';
import type { JobStatusChanged as JobStatusEvent } from './run-events.ts';

/** One attempt of a job on its way. */
export interface RunningJob {
  readonly attempt: number;
  readonly cancel: AbortController;
  /** By the clock that never goes back. */
  startedAt: number | null;
  /** A person's sentence about why it failed. */
  message: string | null;
}

/** What the state machine says of a job, with what only the run knows: how long it took, and why in a sentence. */
export function jobStatusEvent(
  change: JobStatusChanged,
  within: readonly string[],
  running: RunningJob | null,
  elapsed: number,
): JobStatusEvent {
  const { job, attempt, failure } = change;
  const startedAt = running?.startedAt ?? null;
  return {
    type: 'job-status',
    within,
    job,
    attempt,
    status: change.to,
    failure:
      failure === null
        ? null
        : {
            reason: failure.reason,
            exitCode: failure.exitCode,
            message: running?.message ?? failure.reason.replaceAll('_', ' '),
            allowed: change.allowedToFail,
            willRetry: change.willRetry,
          },
    seconds: startedAt === null ? null : (elapsed - startedAt) / 1000,
  };
}
