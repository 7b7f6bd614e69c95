import type { RegisterRequest } from '../../../protocol/index.ts';
import type { ServerConnection } from './connection.ts';
import { CALL_MS, JSON_HEADERS, jsonOf, retryAfterMs } from './job-calls.ts';
import { fieldOf, messageOf, readReply, type WholeAnswer } from './read-reply.ts';
import type { RunnerDescription } from './runner-description.ts';

/** What a runner says to a server about itself. */
export interface RunnerCalls {
  /** Whether the server knows the runner. */
  verify(): Promise<Verified>;
  unregister(): Promise<{ readonly kind: 'removed' } | NotDone>;
  /**
   * Asks for a job, and waits while the server holds the request.
   * @param lastUpdate what the server told the last time that it had none; empty the first time.
   * @param placedOnly only a job of a pipeline whose files this process keeps
   */
  requestJob(lastUpdate: string, signal: AbortSignal, placedOnly?: boolean): Promise<JobOffer>;
  /** Asks what this process still has to keep for jobs to come. */
  places(question: PlacesQuestion, signal: AbortSignal): Promise<PlacesKept>;
}

export interface PlacesQuestion {
  /** Processes that have ended, with what they kept. */
  readonly left: readonly string[];
  /** This one takes no other jobs any more. */
  readonly leaving: boolean;
}

export type PlacesKept =
  | { readonly kind: 'held'; readonly held: readonly number[]; readonly askAgainMs: number }
  /** It is a server of another make, which gives no jobs that share files. */
  | { readonly kind: 'unknown' }
  | NotDone;

/** `refused`: the server does not know the token. */
export type NotDone =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'away'; readonly reason: string; readonly afterMs: number };

export type Verified =
  | { readonly kind: 'valid'; readonly id: number | null; readonly expiresAt: string | null }
  | NotDone;

export type JobOffer =
  /** As the server wrote it, not yet looked at. */
  | { readonly kind: 'job'; readonly job: unknown }
  | { readonly kind: 'none'; readonly lastUpdate: string }
  /** Somebody else got it. */
  | { readonly kind: 'conflict' }
  | NotDone;

export type Registered = { readonly kind: 'registered'; readonly token: string } | NotDone;

/** Makes a new runner with a registration token, in the old form: the token is in the request. */
export async function registerRunner(
  connection: ServerConnection,
  request: RegisterRequest,
): Promise<Registered> {
  const body = Buffer.from(JSON.stringify(request));
  const headers = { ...JSON_HEADERS, 'Content-Length': String(body.length) };
  const answer = await readReply(
    await connection.send({ method: 'POST', path: 'runners', headers, body, idleMs: CALL_MS }),
  );
  if (answer.kind === 'away') return { ...answer, afterMs: 0 };
  const token = answer.status === 201 ? fieldOf(jsonOf(answer), 'token') : null;
  if (typeof token === 'string') return { kind: 'registered', token };
  // 410: the server makes no runners in this way.
  return answer.status === 410 ? { kind: 'refused', reason: messageOf(answer) } : notDone(answer);
}

export interface RunnerIdentity {
  readonly token: string;
  /** Names this machine among those that use the token. */
  readonly systemId: string;
}

export function createRunnerCalls(
  connection: ServerConnection,
  { token, systemId }: RunnerIdentity,
  info: RunnerDescription,
): RunnerCalls {
  const whoAmI = { token, system_id: systemId, info };

  async function call(
    method: 'POST' | 'DELETE',
    path: string,
    content: unknown,
    more: { readonly idleMs?: number; readonly signal?: AbortSignal; readonly most?: number } = {},
  ) {
    const body = Buffer.from(JSON.stringify(content));
    const headers = { ...JSON_HEADERS, 'RUNNER-TOKEN': token, 'Content-Length': String(body.length) };
    const { most, ...options } = more;
    return readReply(
      await connection.send({ method, path, headers, body, idleMs: CALL_MS, ...options }),
      most,
    );
  }

  return {
    async verify() {
      const answer = await call('POST', 'runners/verify', whoAmI);
      if (answer.kind === 'away') return { ...answer, afterMs: 0 };
      if (answer.status !== 200) return notDone(answer);
      const value = jsonOf(answer);
      const id = fieldOf(value, 'id');
      const expiresAt = fieldOf(value, 'token_expires_at');
      return {
        kind: 'valid',
        id: typeof id === 'number' ? id : null,
        expiresAt: typeof expiresAt === 'string' ? expiresAt : null,
      };
    },
    async unregister() {
      const answer = await call('DELETE', 'runners', { token });
      if (answer.kind === 'away') return { ...answer, afterMs: 0 };
      return answer.status === 204 ? { kind: 'removed' } : notDone(answer);
    },
    async places(question, signal) {
      const answer = await call('POST', 'runners/places', { ...whoAmI, ...question }, { signal });
      if (answer.kind === 'away') return { ...answer, afterMs: 0 };
      if (answer.status === 404 || answer.status === 405) return { kind: 'unknown' };
      if (answer.status !== 200) return notDone(answer);
      const value = jsonOf(answer);
      const held = fieldOf(value, 'held');
      const seconds = fieldOf(value, 'ask_again_after');
      if (!Array.isArray(held) || typeof seconds !== 'number' || !(seconds > 0))
        return { kind: 'away', reason: 'it does not say what is to be kept', afterMs: 0 };
      const ids = held.filter((id: unknown): id is number => typeof id === 'number');
      return { kind: 'held', held: ids, askAgainMs: seconds * 1000 };
    },
    async requestJob(lastUpdate, signal, placedOnly = false) {
      const answer = await call(
        'POST',
        'jobs/request',
        { ...whoAmI, last_update: lastUpdate, ...(placedOnly ? { placed_only: true } : {}) },
        { idleMs: LONG_POLL_MS, signal, most: MOST_JOB_BYTES },
      );
      if (answer.kind === 'away') return { ...answer, afterMs: 0 };
      if (answer.status === 201) {
        const job = jsonOf(answer);
        // A proxy's page, for example: not to be asked for again at once.
        return job === null
          ? { kind: 'away', reason: 'it gives what is no job', afterMs: 0 }
          : { kind: 'job', job };
      }
      if (answer.status === 204) {
        return { kind: 'none', lastUpdate: answer.headers['x-gitlab-last-update'] ?? '' };
      }
      return answer.status === 409 ? { kind: 'conflict' } : notDone(answer);
    },
  };
}

/** GitLab holds a request for 50 seconds at most. */
const LONG_POLL_MS = 90_000;
const MOST_JOB_BYTES = 32 * 1024 * 1024;

/** Only 401 and 403 are about the token: everything else may pass. */
export function notDone(answer: WholeAnswer): NotDone {
  const reason = messageOf(answer);
  if (answer.status === 401 || answer.status === 403) return { kind: 'refused', reason };
  return { kind: 'away', reason, afterMs: retryAfterMs(answer.headers) };
}
