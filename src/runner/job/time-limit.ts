import type { Clock } from '../../base/clock.ts';

/** A signal that aborts with those it is made of, or when its time is up. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Whether it was the time, and not one of the other signals, that ended it. */
  isExpired(): boolean;
  stop(): void;
}

export function startTimeLimit(clock: Clock, seconds: number, others: readonly AbortSignal[]): TimeLimit {
  const timer = new AbortController();
  let expired = false;
  const stop = clock.after(Math.min(seconds * 1000, LONGEST_TIMER), () => {
    expired = !others.some((other) => other.aborted);
    timer.abort();
  });
  return {
    signal: AbortSignal.any([timer.signal, ...others]),
    isExpired: () => expired,
    stop,
  };
}

/** Node's timers count milliseconds in 32 bits: a longer limit is cut to 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;
