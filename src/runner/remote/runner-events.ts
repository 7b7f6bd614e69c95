import type { JobResult } from '../job-result.ts';

/** What happens in a runner, for whoever shows or logs it. */
export type RunnerEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'job-taken'; readonly job: number; readonly name: string; readonly project: string }
  | {
      readonly type: 'job-ended';
      readonly job: number;
      readonly status: JobResult['status'];
      /** Why it failed; null when it did not. */
      readonly reason: string | null;
      readonly seconds: number;
    }
  /** What the server was to be told of a job did not reach it. */
  | { readonly type: 'job-not-reported'; readonly job: number; readonly reason: string }
  | { readonly type: 'server-away'; readonly reason: string }
  | { readonly type: 'server-back' }
  /** No more jobs are taken; those that run are finished. */
  | { readonly type: 'draining'; readonly jobs: number }
  | { readonly type: 'warning'; readonly message: string }
  /** The server gave what is no job; nothing can be told to it. */
  | { readonly type: 'bad-offer'; readonly problem: string }
  /** A mistake of ours: the job fails, the runner goes on. */
  | { readonly type: 'defect'; readonly job: number | null; readonly error: unknown };
