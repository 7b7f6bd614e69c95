import type { ServerConnection } from './connection.ts';
import { messageOf, parseJson, readReply, type WholeAnswer } from './read-reply.ts';
import type { RunnerDescription } from './runner-description.ts';

/** What a runner says to the server about one job that it has, and what the server answers. */
export interface JobCalls {
  /** Sends bytes of the log that begin at `start`. */
  appendTrace(start: number, bytes: Uint8Array): Promise<TraceAnswer>;
  update(update: JobState): Promise<UpdateAnswer>;
}

export type JobState =
  | { readonly state: 'running' }
  | {
      readonly state: 'success' | 'failed';
      readonly reason: string | null;
      readonly exitCode: number | null;
      /** Of the whole log; the CRC-32 is IEEE's. null: not told. */
      readonly sum: { readonly crc32: number; readonly bytes: number } | null;
    };

/** What every answer may tell. */
export interface Told {
  /** As the server sees the job now; null: it did not say. */
  readonly status: string | null;
  /** How often it wants to hear. */
  readonly intervalMs: number | null;
}

export type CallFailure =
  /** The job is no longer this runner's: taken away, over, unknown. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** To be tried again, not before `afterMs`. `isAway`: the server could not be asked, which can last. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly afterMs: number;
      readonly isAway: boolean;
    };

export type TraceAnswer =
  /** `bytes`: how long the server's log is; null: it did not say. */
  | ({ readonly kind: 'accepted'; readonly bytes: number | null } & Told)
  /** The server's log is of another length than `start`. */
  | ({ readonly kind: 'elsewhere'; readonly bytes: number } & Told)
  | CallFailure;

export type UpdateAnswer =
  | ({ readonly kind: 'done' } & Told)
  /** Accepted, and not yet kept: the same again. */
  | ({ readonly kind: 'again' } & Told)
  /** The server's log differs: all of it again, then this. */
  | ({ readonly kind: 'resend' } & Told)
  | CallFailure;

export interface JobIdentity {
  readonly id: number;
  readonly token: string;
}

export function createJobCalls(
  connection: ServerConnection,
  { id, token }: JobIdentity,
  info: RunnerDescription,
  signal: AbortSignal,
): JobCalls {
  const common = { idleMs: CALL_MS, signal };
  return {
    async appendTrace(start, bytes) {
      const reply = await connection.send({
        ...common,
        method: 'PATCH',
        path: `jobs/${id}/trace`,
        headers: {
          'JOB-TOKEN': token,
          'Content-Type': 'text/plain',
          'Content-Range': `${start}-${start + bytes.length - 1}`,
          'Content-Length': String(bytes.length),
        },
        body: bytes,
      });
      const answer = await readReply(reply);
      if (answer.kind === 'away') return away(answer.reason);
      if (answer.status === 202) {
        return { kind: 'accepted', bytes: lengthOf(answer), ...toldBy(answer) };
      }
      const bytesThere = lengthOf(answer);
      if (answer.status === 416 && bytesThere !== null) {
        return { kind: 'elsewhere', bytes: bytesThere, ...toldBy(answer) };
      }
      return failureOf(answer);
    },
    async update(update) {
      const body = Buffer.from(JSON.stringify({ token, info, ...wireState(update) }));
      const reply = await connection.send({
        ...common,
        method: 'PUT',
        path: `jobs/${id}`,
        headers: { ...JSON_HEADERS, 'JOB-TOKEN': token, 'Content-Length': String(body.length) },
        body,
      });
      const answer = await readReply(reply);
      if (answer.kind === 'away') return away(answer.reason);
      if (answer.status === 200) return { kind: 'done', ...toldBy(answer) };
      if (answer.status === 202) return { kind: 'again', ...toldBy(answer) };
      if (answer.status === 412) return { kind: 'resend', ...toldBy(answer) };
      return failureOf(answer);
    },
  };
}

/** A call that is short on both sides. */
export const CALL_MS = 30_000;
export const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' } as const;

function wireState(update: JobState): Readonly<Record<string, unknown>> {
  if (update.state === 'running') return { state: 'running' };
  const { state, reason, exitCode, sum } = update;
  const checksum = sum === null ? null : `crc32:${sum.crc32.toString(16).padStart(8, '0')}`;
  return {
    state,
    ...(reason === null ? {} : { failure_reason: reason }),
    ...(exitCode === null ? {} : { exit_code: exitCode }),
    ...(checksum === null ? {} : { checksum, output: { checksum, bytesize: sum?.bytes } }),
  };
}

function toldBy({ headers }: WholeAnswer): Told {
  const seconds = Number(headers['x-gitlab-trace-update-interval'] ?? Number.NaN);
  return {
    status: headers['job-status'] ?? null,
    intervalMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}

/** `Range: 0-SIZE` */
function lengthOf({ headers }: WholeAnswer): number | null {
  const [, size] = /^(?:bytes )?0-(\d{1,15})$/.exec(headers.range ?? '') ?? [];
  return size === undefined ? null : Number(size);
}

function away(reason: string): CallFailure {
  return { kind: 'failed', reason, afterMs: 0, isAway: true };
}

export function failureOf(answer: WholeAnswer): CallFailure {
  const { status, headers } = answer;
  const reason = messageOf(answer);
  if (status === 401 || status === 403 || status === 404) {
    const now = headers['job-status'];
    return { kind: 'gone', reason: now === undefined ? reason : `${reason} (it is ${now})` };
  }
  const isAway = status >= 500 || status === 408 || status === 429;
  return { kind: 'failed', reason, afterMs: retryAfterMs(headers), isAway };
}

/** In seconds, or as a date, which is left to the usual waiting. At most a minute is believed. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 0;
}

export function jsonOf(answer: WholeAnswer): unknown {
  return answer.headers['content-type']?.startsWith('application/json') === true
    ? parseJson(answer.text)
    : null;
}
