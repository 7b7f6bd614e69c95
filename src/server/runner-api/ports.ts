import type { Readable } from 'node:stream';
import type { JobStatus } from '../../pipeline/index.ts';
import type { ArtifactFormat, RegisterRequest, RunnerInfo, WireJob } from '../../protocol/index.ts';

/**
 * What stands behind the runner protocol's routes: who the runners are, and what becomes of jobs. Tokens come as
 * hashes (token-hash.ts), and are kept so; a token itself is told once, when it is made.
 *
 * Every call may come twice: a runner repeats what got no answer. What was answered is durable.
 */
export interface JobBroker {
  register(registrationHash: string, runner: RegisterRequest): Promise<Registration>;
  /** Null: no such runner. Remembers the machine, and what it can do. */
  verify(runnerHash: string, machine: Machine): Promise<RunnerIdentity | null>;
  unregister(runnerHash: string): Promise<boolean>;
  unregisterMachine(runnerHash: string, systemId: string): Promise<'removed' | 'no-machine' | 'no-runner'>;
  /** The old token is worth nothing from then on. Null: no such runner. */
  resetToken(runnerHash: string): Promise<NewToken | null>;

  /**
   * What a process of a runner holds of pipelines whose jobs share files; everything else it may remove. Null: no such
   * runner.
   */
  places(runnerHash: string, machine: Machine, told: ToldOfPlaces): Promise<HeldPlaces | null>;

  /**
   * At most one job, given to this runner alone. It is running from then on; of a runner that says when it has a job
   * (`two_phase_job_commit`) only from `begin` on. `placedOnly`: none but of the pipelines whose files the process keeps.
   */
  takeJob(runnerHash: string, machine: Machine, placedOnly?: boolean): Promise<TakenJob>;
  /**
   * The same for a runner that has just been answered with none, and that key: waits until it gets a job, until what it may
   * take has been changed, or until the signal aborts. A job that comes goes to those who have waited longest.
   */
  waitForJob(
    runnerHash: string,
    machine: Machine,
    asked: { readonly lastUpdate: string; readonly placedOnly?: boolean },
    signal: AbortSignal,
  ): Promise<TakenJob>;

  /** A runner has the job that it was offered. False: the offer is over, or the job runs already. */
  begin(job: JobRecord): Promise<boolean>;

  job(id: number): Promise<JobRecord | null>;
  jobWithToken(jobHash: string): Promise<JobRecord | null>;
  /** Whether a running job may have another one's artifacts. */
  mayFetchFrom(job: JobRecord, otherId: number): Promise<boolean>;

  /** Appends if the trace is `start` bytes long; one of two calls with the same start wins. */
  appendTrace(jobId: number, start: number, bytes: Uint8Array): Promise<AppendedTrace>;
  /** `fresh`: read again, for one that does not go with what the runner says. */
  trace(jobId: number, fresh?: boolean): Promise<TraceMark>;
  /** Empties the trace, so that the runner sends it all again; false, and nothing, when that was done before. */
  restartTrace(jobId: number): Promise<boolean>;
  /** The runner is there and at work, or has a job that it was offered and will begin. */
  keepAlive(job: JobRecord): Promise<void>;
  /** `pending`: not yet durable, the runner asks again. A job that was being canceled ends as canceled. */
  finish(jobId: number, ending: RunnerEnding): Promise<'finished' | 'pending'>;

  /**
   * Keeps the whole content or, when its stream fails, nothing; rejects with the stream's own error then. The same type
   * a second time replaces the first.
   */
  putArtifact(jobId: number, artifact: UploadedArtifact, content: Readable): Promise<void>;
  /** The job's archive; null: none, or no longer. */
  archive(jobId: number): Promise<StoredArchive | null>;
}

export interface Machine {
  /** Empty for runners that are too old to have one. */
  readonly systemId: string;
  readonly info: RunnerInfo;
}

export interface RunnerIdentity {
  readonly id: number;
  /** RFC 3339. */
  readonly tokenExpiresAt: string | null;
}

export interface NewToken {
  readonly token: string;
  readonly tokenExpiresAt: string | null;
}

export type Registration =
  | ({ readonly kind: 'registered' } & RunnerIdentity & NewToken)
  | { readonly kind: 'wrong-token' }
  | { readonly kind: 'disabled' };

export interface ToldOfPlaces {
  /** Processes of this runner that have ended: what they held is gone. */
  readonly left: readonly string[];
  /** It takes no other jobs any more, and does not wait for a person. */
  readonly leaving: boolean;
}

export interface HeldPlaces {
  readonly held: readonly number[];
  /** A process that is silent for much longer is taken for lost. */
  readonly askAgainMs: number;
}

export type TakenJob =
  | { readonly kind: 'job'; readonly job: WireJob }
  /** `lastUpdate`: changes whenever something that this runner could take may have. Whoever tells one may be kept waiting. */
  | { readonly kind: 'none'; readonly lastUpdate: string }
  | { readonly kind: 'no-runner' }
  | { readonly kind: 'conflict' };

export interface JobRecord {
  readonly id: number;
  readonly tokenHash: string;
  /** `canceling` only for a runner that can end a script in peace; for others it is `canceled` at once. */
  readonly status: JobStatus;
  /** Its runner was given it, and has not yet begun it: it is `pending`. */
  readonly isOffered: boolean;
  /** How often the runner is to send the trace: often while somebody watches. */
  readonly traceIntervalSeconds: number;
  readonly traceLimitBytes: number;
  readonly artifactLimitBytes: number;
}

export interface TraceMark {
  readonly bytes: number;
  /** Of all bytes, IEEE CRC-32, kept while they come. */
  readonly crc32: number;
}

export type AppendedTrace = { readonly kind: 'appended' | 'elsewhere'; readonly bytes: number };

export interface RunnerEnding {
  readonly status: 'success' | 'failed';
  /** As the runner says it; may be a word that nobody knows. */
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** How the kept trace differs from the runner's; null: it does not, or the runner did not tell. */
  readonly traceProblem: string | null;
}

export interface UploadedArtifact {
  readonly type: string;
  readonly format: ArtifactFormat;
  /** A plain file name. */
  readonly fileName: string;
  readonly expireIn: string | null;
}

export interface StoredArchive {
  readonly fileName: string;
  readonly bytes: number;
  /** From `start` up to, not including, `end`. */
  open(start: number, end: number): Readable;
}
