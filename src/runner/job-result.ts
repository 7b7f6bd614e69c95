import type { FailureReason } from '../pipeline/index.ts';
import type { JobVariable } from '../protocol/index.ts';

/** How a job ended, as the state machine and the server want to know it. */
export type JobResult =
  | { readonly status: 'success'; readonly outputs: JobOutputs }
  | {
      readonly status: 'failed';
      readonly reason: FailureReason;
      /** The script's exit code; null when it never got that far. */
      readonly exitCode: number | null;
      /** One sentence for a person. */
      readonly message: string;
      readonly outputs: JobOutputs;
    }
  | { readonly status: 'canceled'; readonly outputs: JobOutputs };

/** What a job leaves behind for later jobs and for people. */
export interface JobOutputs {
  /** Variables of its dotenv report. */
  readonly dotenv: readonly JobVariable[];
  readonly tests: TestSummary | null;
  readonly artifacts: readonly StoredArtifact[];
  /** As a number in percent, when the job has a `coverage` pattern that matched. */
  readonly coverage: number | null;
}

export interface TestSummary {
  readonly total: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly seconds: number;
  /** The first failures, for showing; at most 20. */
  readonly failures: readonly { readonly suite: string; readonly name: string; readonly message: string }[];
}

export interface StoredArtifact {
  readonly type: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly files: number;
}
