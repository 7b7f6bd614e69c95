import type { Failure, PlayVariables } from './event.ts';
import type { JobStatus, PipelineStatus } from './status.ts';

/**
 * What is to be done, and what is to be told, after an event. Every command may be carried out twice with the same
 * effect as once: job, attempt and type name it.
 *
 * Their order is part of the contract. First what the event does to its own job; then, in plan order, the skipped jobs
 * that it gives another chance; then what follows for jobs that wait: those with `needs`, breadth first, each job's
 * dependents in plan order; then the jobs of a newly opened stage, in plan order; and so on until nothing moves. Of one
 * job: its change of status, then what that ends (resource, timer, run), then what it begins. Last of all, at most one
 * change of the pipeline's status. A cancel of the pipeline goes through the jobs in plan order, then through the children
 * that go their own way.
 */
export type Command =
  /** Give the job to a runner. Answered by `job-started` and `job-finished`. */
  | {
      readonly type: 'run-job';
      readonly job: string;
      readonly attempt: number;
      readonly variables: PlayVariables;
    }
  /** Take the job back: out of the queue, or, when it runs, ask the runner to stop; then `job-finished` answers. */
  | { readonly type: 'cancel-job'; readonly job: string; readonly attempt: number }
  /** Answered by `delay-elapsed`. */
  | {
      readonly type: 'start-timer';
      readonly job: string;
      readonly attempt: number;
      readonly seconds: number;
    }
  | { readonly type: 'cancel-timer'; readonly job: string; readonly attempt: number }
  /** Ask for the group's one resource. Answered by `resource-granted` when it is this job's turn. */
  | {
      readonly type: 'request-resource';
      readonly job: string;
      readonly attempt: number;
      /** As written, variables not expanded. */
      readonly group: string;
    }
  /** Give the resource back, or withdraw the request if it was not granted yet. */
  | {
      readonly type: 'release-resource';
      readonly job: string;
      readonly attempt: number;
      readonly group: string;
    }
  /** Create the bridge's pipeline. Answered by `downstream-created` or `downstream-refused`. */
  | {
      readonly type: 'trigger-downstream';
      readonly job: string;
      readonly attempt: number;
      readonly variables: PlayVariables;
    }
  /** With a strategy, answered by a `downstream-changed` that says how it ended. It may be over already. */
  | { readonly type: 'cancel-downstream'; readonly job: string; readonly attempt: number }
  | JobStatusChanged
  | {
      readonly type: 'pipeline-status-changed';
      readonly from: PipelineStatus;
      readonly to: PipelineStatus;
    };

export interface JobStatusChanged {
  readonly type: 'job-status-changed';
  readonly job: string;
  /** The attempt that has the new status. */
  readonly attempt: number;
  readonly from: JobStatus;
  readonly to: JobStatus;
  /** Whether the pipeline goes on as if a failed or canceled job had passed, or does not wait for a manual one. */
  readonly allowedToFail: boolean;
  /** Set exactly when `to` is `failed`. */
  readonly failure: Failure | null;
  /** A failed job gets another attempt in this same step. */
  readonly willRetry: boolean;
}
