import type { JobResult } from '../job-result.ts';
import type { Ending } from './trace/courier.ts';

/**
 * How a job ended, in words that its server knows. A reason that it does not know is told as the nearest that it does
 * (GitLab Runner, `JobFailureReason` and the list that a server sends in `features.failure_reasons`). A job that was
 * canceled is told as failed: the server knows better, because it was the one who said so.
 */
export function endingOf(result: JobResult, known: readonly string[]): Ending {
  if (result.status === 'success') return { state: 'success', reason: null, exitCode: null };
  if (result.status === 'canceled') {
    return { state: 'failed', reason: knownWord('script_failure', known), exitCode: null };
  }
  return { state: 'failed', reason: knownWord(result.reason, known), exitCode: result.exitCode };
}

/** @param known empty: the server did not say, and gets a word that all servers know */
export function knownWord(reason: string, known: readonly string[]): string {
  if (known.includes(reason)) return reason;
  if (known.length === 0) return NEAREST[reason] ?? reason;
  const nearest = NEAREST[reason] ?? 'unknown_failure';
  return known.includes(nearest) ? nearest : 'unknown_failure';
}

const NEAREST: Readonly<Record<string, string>> = {
  image_pull_failure: 'runner_system_failure',
  missing_dependency_failure: 'runner_system_failure',
  runner_interrupted: 'runner_system_failure',
};
