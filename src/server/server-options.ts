import type { Clock } from '../base/clock.ts';
import type { TraceOptions } from './observation/traces/pipeline-traces.ts';

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
  /** Where git is served over SSH, at the same host; 0: any port that is free. Absent: it is not. */
  readonly sshPort?: number;
  /** As people and runners reach it, without a slash at its end; absent: host and port. */
  readonly url?: string;
  /** Hosts from which includes may be fetched although their address is private. */
  readonly allowedHosts?: readonly string[];
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly log: ServerLog;
  /** Where traces of pipelines are sent to; absent: nowhere. */
  readonly traces?: TraceOptions;
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
  /** How long a client may take for the head of a request, and one that says nothing at all may be connected. */
  readonly headMs: number;
  /** How long it may take for a body that is read whole; uploads and git have limits of their own. */
  readonly bodyMs: number;
  /** More connections at once are turned away. */
  readonly connections: number;
  /** When the server ends: how long requests that have begun may go on. */
  readonly endingMs: number;
  /** A job that waits for so long, and that no runner could take, is given up. */
  readonly stuckJobMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  traceBytes: 100 * 1024 * 1024,
  artifactBytes: 5 * 1024 * 1024 * 1024,
  testReportBytes: 256 * 1024 * 1024,
  longPollMs: 50_000,
  silentRunnerMs: 10 * 60_000,
  headMs: 20_000,
  bodyMs: 120_000,
  connections: 20_000,
  endingMs: 15_000,
  stuckJobMs: 24 * 3600_000,
};

/**
 * A job that was given out and of which nothing was heard for so long has never reached its runner, and is given out
 * again. Runners speak up once in half a minute at least.
 */
export function unheardAfter({ silentRunnerMs }: Pick<ServerLimits, 'silentRunnerMs'>): number {
  return Math.round(silentRunnerMs / 6);
}

/** A job that was offered to a runner which says when it has it: it does so at once, or does not have it. */
export function unansweredAfter(limits: Pick<ServerLimits, 'silentRunnerMs'>): number {
  return Math.round(unheardAfter(limits) / 5);
}

/** `pretty` for people at a terminal, `json` for machines; what is less than `level` is left out. */
export interface ServerLog {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly write: (line: string) => void;
}
