import type { Clock } from '../base/clock.ts';

export interface ServerOptions {
  /** Where the server keeps everything that is not elsewhere: repositories, and by default the database and files. */
  readonly dataFolder: string;
  /** `postgres://…`; absent: an SQLite database in the data folder. */
  readonly database?: string;
  /** `s3://…`, or a folder; absent: in the data folder. */
  readonly blobs?: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** As people and runners reach it, without a slash at its end; absent: host and port. */
  readonly url?: string;
  /** Hosts from which includes may be fetched although their address is private. */
  readonly allowedHosts?: readonly string[];
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly log: ServerLog;
}

export interface ServerLimits {
  readonly traceBytes: number;
  readonly artifactBytes: number;
  /** Of a job's test reports, unpacked; what is beyond is not read. */
  readonly testReportBytes: number;
  /** How long a runner that asks is kept waiting for a job. */
  readonly longPollMs: number;
  /** After so long without a word from its runner a job is given up. */
  readonly silentRunnerMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  traceBytes: 100 * 1024 * 1024,
  artifactBytes: 5 * 1024 * 1024 * 1024,
  testReportBytes: 256 * 1024 * 1024,
  longPollMs: 50_000,
  silentRunnerMs: 10 * 60_000,
};

/**
 * A job that was given out and of which nothing was heard for so long has never reached its runner, and is given out
 * again. Runners speak up once in half a minute at least.
 */
export function unheardAfter({ silentRunnerMs }: Pick<ServerLimits, 'silentRunnerMs'>): number {
  return Math.round(silentRunnerMs / 6);
}

/** `pretty` for people at a terminal, `json` for machines; what is less than `level` is left out. */
export interface ServerLog {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly write: (line: string) => void;
}
