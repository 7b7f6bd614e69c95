import type { Clock } from '../../base/clock.ts';
import { createBackoff } from './backoff.ts';
import type { RunnerEvent } from './runner-events.ts';
import type { RunnerCalls } from './server/runner-calls.ts';
import { createWakeUp } from './wake-up.ts';

export interface PollRequest {
  readonly calls: RunnerCalls;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: (event: RunnerEvent) => void;
  /** Settles when there is room for one more job. */
  roomForJob(signal: AbortSignal): Promise<void>;
  /** Takes a job, as the server wrote it; must not wait for its end. */
  take(job: unknown): void;
  /** Only jobs of pipelines whose files this process keeps. */
  readonly placedOnly?: boolean;
  /** No more jobs. */
  readonly signal: AbortSignal;
}

/**
 * Asks for jobs, one request at a time, until the signal says to stop. A server that holds requests is asked again at
 * once; one that does not is asked every three seconds. A server that is away is waited for, however long.
 *
 * @returns why the server does not want this runner any more; null when the signal ended it.
 */
export async function pollForJobs(request: PollRequest): Promise<string | null> {
  const { calls, clock, random, listener, signal } = request;
  const backoff = createBackoff(1_000, 30_000, random);
  const wakeUp = createWakeUp(clock);
  const wake = () => wakeUp.wake();
  signal.addEventListener('abort', wake, { once: true });
  let lastUpdate = '';
  let refusals = 0;
  let isAway = false;
  /** Requests that may yet come directly after one that brought nothing; one more each interval. */
  let credit = MOST_CREDIT;
  let creditedAt = clock.elapsed();

  async function waitWithoutJob(startedAt: number, isNews: boolean): Promise<void> {
    const now = clock.elapsed();
    credit = Math.min(MOST_CREDIT, credit + ((now - creditedAt) * CREDIT_A_SECOND) / 1000);
    creditedAt = now;
    const took = now - startedAt;
    if (took >= INTERVAL_MS) return;
    if (isNews && credit >= 1) {
      credit -= 1;
      return;
    }
    await wakeUp.sleep((INTERVAL_MS - took) * (0.75 + random() / 2));
  }

  while (!signal.aborted) {
    await request.roomForJob(signal);
    if (signal.aborted) break;
    const startedAt = clock.elapsed();
    const offer = await calls.requestJob(lastUpdate, signal, request.placedOnly);
    if (signal.aborted && offer.kind !== 'job') break;
    if (offer.kind === 'away') {
      if (!isAway) listener({ type: 'server-away', reason: offer.reason });
      isAway = true;
      await wakeUp.sleep(backoff.next(offer.afterMs));
      continue;
    }
    if (isAway) listener({ type: 'server-back' });
    isAway = false;
    backoff.reset();
    if (offer.kind === 'refused') {
      refusals += 1;
      if (refusals === MOST_REFUSALS) return offer.reason;
      await wakeUp.sleep(INTERVAL_MS);
      continue;
    }
    refusals = 0;
    if (offer.kind === 'job') {
      request.take(offer.job);
      continue;
    }
    if (offer.kind === 'none') {
      const isNews = offer.lastUpdate !== '' && offer.lastUpdate !== lastUpdate;
      lastUpdate = offer.lastUpdate;
      await waitWithoutJob(startedAt, isNews);
    } else await waitWithoutJob(startedAt, true);
  }
  signal.removeEventListener('abort', wake);
  return null;
}

/** As the official runner's `check_interval`. */
const INTERVAL_MS = 3_000;
const MOST_CREDIT = 10;
const CREDIT_A_SECOND = 5;
/** As many as make the official runner pause. */
const MOST_REFUSALS = 3;
