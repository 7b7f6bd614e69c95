import type { FailureReason, PipelineStatus } from './status.ts';

/**
 * What can happen to a pipeline. Events that answer a command carry the attempt it was for; an event that does not
 * fit (unknown job, another attempt, a status that has no use for it) changes nothing, so every event may be late or
 * arrive twice.
 */
export type PipelineEvent =
  /** Before this only `pipeline-canceled` has an effect. */
  | { readonly type: 'pipeline-started' }
  | { readonly type: 'pipeline-canceled' }
  /** A runner has taken the job and begins. */
  | { readonly type: 'job-started'; readonly job: string; readonly attempt: number }
  | {
      readonly type: 'job-finished';
      readonly job: string;
      readonly attempt: number;
      readonly outcome: JobOutcome;
    }
  /** A person starts a manual job, or a delayed one before its time. */
  | { readonly type: 'job-played'; readonly job: string; readonly variables: PlayVariables }
  /** A person wants another attempt of a job that is over. Null keeps the variables of the last one. */
  | { readonly type: 'job-retried'; readonly job: string; readonly variables: PlayVariables | null }
  | { readonly type: 'job-canceled'; readonly job: string }
  /** A person takes a delayed job from its timer: it waits to be played. */
  | { readonly type: 'job-unscheduled'; readonly job: string }
  | { readonly type: 'delay-elapsed'; readonly job: string; readonly attempt: number }
  | { readonly type: 'resource-granted'; readonly job: string; readonly attempt: number }
  /** The bridge's pipeline exists. Comes before any `downstream-changed` of the same attempt. */
  | { readonly type: 'downstream-created'; readonly job: string; readonly attempt: number }
  | {
      readonly type: 'downstream-changed';
      readonly job: string;
      readonly attempt: number;
      readonly status: PipelineStatus;
    }
  /** The bridge's pipeline, which was over and has decided what becomes of the bridge, goes on: somebody has retried its jobs. */
  | { readonly type: 'downstream-resumed'; readonly job: string; readonly attempt: number }
  | {
      readonly type: 'downstream-refused';
      readonly job: string;
      readonly attempt: number;
      readonly reason: FailureReason;
    };

/** A runner's JobResult is one of these, with more in it. */
export type JobOutcome =
  | { readonly status: 'success' }
  | ({
      readonly status: 'failed';
      /** It is nothing that the job did: it gets another attempt, whatever its `retry` says, and cancels nobody. */
      readonly again?: boolean;
    } & Failure)
  | { readonly status: 'canceled' };

export interface Failure {
  readonly reason: FailureReason;
  /** The script's; null when there is none. */
  readonly exitCode: number | null;
}

/** What a person gives when playing or retrying a job: they beat the variables of the file. May hold secrets. */
export type PlayVariables = Readonly<Record<string, string>>;
