import type { FailureReason, JobStatus, PipelineStatus } from '../pipeline/index.ts';
import type { StoredArtifact, TestSummary } from '../runner/index.ts';

/**
 * What a local run tells whoever shows it, in the order it happens. A downstream pipeline's events carry the names of the
 * bridge jobs that lead to it in `within`, outermost first, one that leads to another project with that project's path
 * behind it, as in `deploy (group/name)`; the pipeline that the person asked for has none.
 */
export type RunEvent =
  | PipelineStarted
  | JobStatusChanged
  | JobLogged
  | JobEnded
  | RunNotice
  | PipelineFinished;

interface InPipeline {
  readonly within: readonly string[];
}

export interface PipelineStarted extends InPipeline {
  readonly type: 'pipeline-started';
  readonly name: string | null;
  readonly ref: string;
  readonly sha: string;
  readonly stages: readonly string[];
  readonly jobs: readonly {
    readonly name: string;
    readonly stage: string;
    readonly kind: 'build' | 'bridge';
  }[];
}

export interface JobStatusChanged extends InPipeline {
  readonly type: 'job-status';
  readonly job: string;
  /** 1 for the first run; a retry counts on. */
  readonly attempt: number;
  readonly status: JobStatus;
  /** For `failed`: why, and whether the pipeline goes on all the same. */
  readonly failure: {
    readonly reason: FailureReason;
    readonly exitCode: number | null;
    readonly message: string;
    readonly allowed: boolean;
    readonly willRetry: boolean;
  } | null;
  /** Time since the job started to run; null before it did. */
  readonly seconds: number | null;
}

export interface JobLogged extends InPipeline {
  readonly type: 'job-log';
  readonly job: string;
  /** Masked bytes, cut anywhere. */
  readonly bytes: Uint8Array;
}

/** What one attempt of a job left behind; comes right before its final status. */
export interface JobEnded extends InPipeline {
  readonly type: 'job-ended';
  readonly job: string;
  readonly attempt: number;
  readonly tests: TestSummary | null;
  readonly coverage: number | null;
  readonly artifacts: readonly StoredArtifact[];
  /** The whole log, as a file of this machine. */
  readonly logFile: string;
}

/** Something a person should know that is no job's own: a job that was not run and why, what was cleaned up. */
export interface RunNotice extends InPipeline {
  readonly type: 'notice';
  readonly level: 'info' | 'warning';
  readonly message: string;
}

export interface PipelineFinished extends InPipeline {
  readonly type: 'pipeline-finished';
  readonly status: PipelineStatus;
  readonly seconds: number;
}

/** Awaited for every log event: that is how a slow screen slows a fast job instead of filling the memory. */
export type RunListener = (event: RunEvent) => void | Promise<void>;
