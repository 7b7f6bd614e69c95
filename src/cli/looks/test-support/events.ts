import type { JobEnded, JobStatusChanged, PipelineStarted, RunEvent } from '../../../local/index.ts';
import type { JobStatus } from '../../../pipeline/index.ts';

/** Events of a run as `src/local` sends them, with what a test does not care about filled in. */
export function started(jobs: readonly string[], stages: readonly string[] = ['build']): PipelineStarted {
  return {
    type: 'pipeline-started',
    within: [],
    name: null,
    ref: 'main',
    sha: '0123456789abcdef',
    stages,
    jobs: jobs.map((name) => ({ name, stage: stages[0] ?? 'build', kind: 'build' })),
  };
}

export function status(
  job: string,
  to: JobStatus,
  rest: Partial<Pick<JobStatusChanged, 'attempt' | 'failure' | 'seconds' | 'within'>> = {},
): RunEvent {
  return {
    type: 'job-status',
    within: [],
    job,
    attempt: 1,
    status: to,
    failure: null,
    seconds: null,
    ...rest,
  };
}

export function failed(job: string, rest: Partial<NonNullable<JobStatusChanged['failure']>> = {}): RunEvent {
  const failure = {
    reason: 'script_failure' as const,
    exitCode: 1,
    message: 'the script failed',
    allowed: false,
    willRetry: false,
    ...rest,
  };
  return status(job, 'failed', { seconds: 3, failure });
}

export function log(job: string, text: string | Uint8Array): RunEvent {
  return { type: 'job-log', within: [], job, bytes: typeof text === 'string' ? Buffer.from(text) : text };
}

export function ended(job: string, rest: Partial<JobEnded> = {}): RunEvent {
  return {
    type: 'job-ended',
    within: [],
    job,
    attempt: 1,
    tests: null,
    coverage: null,
    artifacts: [],
    logFile: `/state/logs/${job}.log`,
    ...rest,
  };
}

export function finished(to: JobStatus = 'success'): RunEvent {
  return { type: 'pipeline-finished', within: [], status: to, seconds: 5 };
}
