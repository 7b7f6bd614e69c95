import { AppError } from '../../base/app-error.ts';
import { isSystemError } from '../archive/system-error.ts';
import type { JobLog } from '../log/job-log.ts';

/**
 * Runs something a job can do without: what the world does wrong becomes a warning in the log, and null.
 *
 * @throws the signal's reason when aborted, and what is our own fault.
 */
export async function bestEffort<T>(
  log: JobLog,
  signal: AbortSignal,
  failed: string,
  attempt: () => Promise<T>,
): Promise<T | null> {
  try {
    return await attempt();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) && !isSystemError(error)) throw error;
    await log.line(`WARNING: ${failed}: ${error.message}`, 'warning');
    return null;
  }
}
