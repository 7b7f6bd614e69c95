import { AppError } from '../../base/app-error.ts';
import type { FailureReason } from '../../pipeline/index.ts';

/** How a job ends, before what it leaves behind is collected. */
export type JobEnding =
  | { readonly kind: 'success' }
  | { readonly kind: 'canceled' }
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason;
      readonly exitCode: number | null;
      /** One sentence for a person. */
      readonly message: string;
    };

export function failed(reason: FailureReason, message: string, exitCode: number | null = null): JobEnding {
  return { kind: 'failed', reason, exitCode, message };
}

/**
 * The world's failures end the job, not the run: no engine, no image, a full disk. What is neither an AppError nor
 * the system's is a mistake of ours and goes on up.
 */
export function endingOfError(error: unknown): JobEnding {
  if (error instanceof AppError) {
    const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
    return failed(
      error.code === 'image-pull-failed' ? 'image_pull_failure' : 'runner_system_failure',
      message,
    );
  }
  if (error instanceof Error && 'syscall' in error) {
    const isFull = 'code' in error && error.code === 'ENOSPC';
    const message = isFull
      ? `There is no room left on the disk for the job's files (${error.message})`
      : error.message;
    return failed('runner_system_failure', message);
  }
  throw error;
}
