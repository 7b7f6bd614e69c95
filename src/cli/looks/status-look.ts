import type { JobStatus, PipelineStatus } from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';
import type { CountedStatus, JobView, RunView } from './run-view.ts';

/** One character for a status, coloured. */
export function statusIcon(colours: Colours, status: JobStatus, allowed = false): string {
  switch (status) {
    case 'success':
      return colours.green('✓');
    case 'failed':
      return allowed ? colours.yellow('!') : colours.red('✗');
    case 'running':
    case 'canceling':
      return colours.cyan('●');
    case 'manual':
      return colours.blue('▷');
    case 'scheduled':
    case 'waiting_for_resource':
      return colours.blue('◷');
    case 'canceled':
    case 'skipped':
      return colours.dim('−');
    default:
      return colours.dim('○');
  }
}

/** A status in the words a person uses. */
export function statusWord(status: JobStatus, allowed = false): string {
  switch (status) {
    case 'success':
      return 'passed';
    case 'failed':
      return allowed ? 'failed (allowed)' : 'failed';
    case 'created':
    case 'pending':
    case 'preparing':
    case 'waiting_for_callback':
      return 'waiting';
    case 'waiting_for_resource':
      return 'waiting for its resource group';
    case 'scheduled':
      return 'waiting for its time';
    default:
      return status;
  }
}

export function pipelineWord(status: PipelineStatus): string {
  return status === 'manual' ? 'blocked by a manual job' : statusWord(status);
}

/** `12 passed, 1 failed, 3 waiting`, without what there is none of. */
export function countsText(counts: RunView['counts']): string {
  const byWord = new Map<string, number>();
  for (const status of COUNT_ORDER) {
    const word = status === 'failed_allowed' ? statusWord('failed', true) : statusWord(status);
    byWord.set(word, (byWord.get(word) ?? 0) + (counts.get(status) ?? 0));
  }
  return [...byWord]
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

const COUNT_ORDER: readonly CountedStatus[] = [
  'running',
  'success',
  'failed',
  'failed_allowed',
  'canceling',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
  'waiting_for_resource',
  'preparing',
  'pending',
  'created',
  'waiting_for_callback',
];

/** Why a job failed, for the end of a line: `exit code 1`, `job_execution_timeout: …`. */
export function failureText({ failure }: Pick<JobView, 'failure'>): string {
  if (failure === null) return '';
  const cause =
    failure.reason === 'script_failure' && failure.exitCode !== null
      ? `exit code ${failure.exitCode}`
      : failure.message === ''
        ? failure.reason
        : failure.message;
  return failure.willRetry ? `${cause}; trying again` : cause;
}
