import { createBackoff } from '../backoff.ts';
import type { CallFailure, JobState, Told } from '../server/job-calls.ts';
import type { WakeUp } from '../wake-up.ts';
import type { JobReportRequest } from './job-report.ts';

export interface Ending {
  readonly state: 'success' | 'failed';
  /** Why it failed, in a word that this server knows. */
  readonly reason: string | null;
  readonly exitCode: number | null;
}

export type Reported =
  | { readonly kind: 'told' }
  | { readonly kind: 'gone'; readonly reason: string }
  /** The server could not be told for longer than it would wait; or the signal said to stop. */
  | { readonly kind: 'given-up'; readonly reason: string };

/**
 * Carries a job's log and state to the server. One request is under way at a time, so that what the server has is
 * always a beginning of the log. The law, whatever is answered, lost or answered twice: where the server's log is one
 * that only grows at its end, it is the job's log, byte for byte, when this says `told`.
 *
 * The first bytes go out after 50 ms, in which a short job says all it has to say; later ones as often as the server
 * asks for, and at once when they fill a request. A server that cannot be reached is waited for: while the job runs
 * without end, after it for an hour; by then a server has given the job up.
 */
export function startCourier(
  request: Omit<JobReportRequest, 'logLimitBytes'>,
  wakeUp: WakeUp,
): { finish(ending: Ending): Promise<Reported> } {
  const { buffer, clock, signal, random } = request;
  const startedAt = clock.elapsed();
  const failures = createBackoff(500, 30_000, random);
  const repeats = createBackoff(250, 64_000, random);
  /** How long the server's log is, as far as is known. */
  let sent = 0;
  let lastSentAt: number | null = null;
  let firstByteAt: number | null = null;
  let intervalMs = USUAL_INTERVAL_MS;
  let ending: Ending | null = null;
  let end: Reported | null = null;
  let isCanceling = false;
  let endedAt: number | null = null;
  /** Answers in a row that brought nothing forward, though the server was there. */
  let fruitless = 0;
  let resends = 0;

  const stop = () => {
    end ??= { kind: 'given-up', reason: 'this runner was stopped' };
    wakeUp.wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const carried = carry().finally(() => signal.removeEventListener('abort', stop));

  async function carry(): Promise<Reported> {
    for (;;) {
      if (end !== null) break;
      const waitMs = dueIn();
      if (waitMs > 0) await wakeUp.sleep(waitMs);
      else await sendNext();
    }
    if (end.kind === 'gone') request.onGone(end.reason);
    return end;
  }

  function dueIn(): number {
    const now = clock.elapsed();
    const unsent = buffer.size() - sent;
    if (ending !== null || unsent >= MOST_CHUNK_BYTES) return 0;
    if (unsent <= 0) return (lastSentAt ?? startedAt) + Math.max(intervalMs, LEAST_SILENT_MS) - now;
    firstByteAt ??= now;
    return (lastSentAt === null ? firstByteAt + FIRST_BYTES_MS : lastSentAt + intervalMs) - now;
  }

  async function sendNext(): Promise<void> {
    lastSentAt = clock.elapsed();
    if (buffer.size() > sent) await sendTrace();
    else await sendState();
  }

  async function sendTrace(): Promise<void> {
    const start = sent;
    const bytes = await buffer.read(start, MOST_CHUNK_BYTES);
    const answer = await request.calls.appendTrace(start, bytes);
    if (answer.kind === 'gone' || answer.kind === 'failed') return await fail(answer);
    const whole = start + bytes.length;
    // More or less than that is not what appending does: left for the next request to find out.
    if (answer.kind === 'accepted') {
      sent = answer.bytes !== null && answer.bytes >= start && answer.bytes <= whole ? answer.bytes : whole;
    } else sent = answer.bytes;
    await hear(answer, answer.kind === 'accepted' && sent > start);
  }

  async function sendState(): Promise<void> {
    const told = ending;
    const answer = await request.calls.update(stateOf(told));
    if (answer.kind === 'gone' || answer.kind === 'failed') return await fail(answer);
    if (answer.kind === 'done' && told !== null) {
      end ??= { kind: 'told' };
      return;
    }
    if (answer.kind === 'resend') {
      sent = 0;
      resends += 1;
    }
    await hear(answer, answer.kind !== 'resend');
    if (resends > 2 * MOST_RESENDS || (answer.kind === 'again' && isTooLate())) {
      end ??= { kind: 'given-up', reason: 'the server does not take the result' };
    }
    if (answer.kind === 'again') await pause(repeats.next(0));
  }

  function isTooLate(): boolean {
    return endedAt !== null && clock.elapsed() - endedAt > PATIENCE_MS;
  }

  function stateOf(told: Ending | null): JobState {
    if (told === null) return { state: 'running' };
    // A server that does not take our sum for the log it has had several times gets the result without it.
    const sum = resends > MOST_RESENDS ? null : { crc32: buffer.crc32(), bytes: buffer.size() };
    return { ...told, sum };
  }

  /** What every answer may tell. */
  async function hear(told: Told, isForward: boolean): Promise<void> {
    if (isForward) {
      failures.reset();
      fruitless = 0;
    } else fruitless += 1;
    if (told.intervalMs !== null) intervalMs = between(LEAST_INTERVAL_MS, told.intervalMs, MOST_SILENT_MS);
    if (told.status === 'canceling' && !isCanceling) {
      isCanceling = true;
      request.onCanceling();
    }
    if (told.status !== null && OVER.has(told.status)) {
      end ??= { kind: 'gone', reason: `the server says that it is ${told.status}` };
    }
    // The first is how lost answers and restarted servers are made up for; more of them in a row is a quarrel.
    if (fruitless > 2) await pause(failures.next(0));
    if (fruitless > MOST_FRUITLESS) end ??= { kind: 'given-up', reason: 'the server never takes the log' };
  }

  async function fail(failure: CallFailure): Promise<void> {
    if (failure.kind === 'gone') {
      end ??= failure;
      return;
    }
    fruitless = failure.isAway ? 0 : fruitless + 1;
    if (fruitless > MOST_FRUITLESS || isTooLate()) end ??= { kind: 'given-up', reason: failure.reason };
    else await pause(failures.next(failure.afterMs));
  }

  /** Nothing but the end cuts it short. */
  async function pause(milliseconds: number): Promise<void> {
    const until = clock.elapsed() + milliseconds;
    for (;;) {
      const left = until - clock.elapsed();
      if (left <= 0 || end !== null) return;
      await wakeUp.sleep(left);
    }
  }

  return {
    finish(how) {
      ending = how;
      endedAt = clock.elapsed();
      wakeUp.wake();
      return carried;
    },
  };
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

const USUAL_INTERVAL_MS = 1_000;
const LEAST_INTERVAL_MS = 200;
const FIRST_BYTES_MS = 50;
/** Only an answer tells that a job is canceled: a silent job hears of it within this time, or sooner if the server likes. */
const MOST_SILENT_MS = 10_000;
const LEAST_SILENT_MS = 3_000;
const MOST_CHUNK_BYTES = 1024 * 1024;
const PATIENCE_MS = 60 * 60 * 1000;
const MOST_FRUITLESS = 10;
const MOST_RESENDS = 3;
/** States in which a server has nobody at work on a job. */
const OVER: ReadonlySet<string> = new Set(['canceled', 'failed', 'success', 'skipped']);
