import type { Clock } from '../../../base/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
  /** How many timers wait. */
  readonly waiting: number;
}

export function createManualClock(): ManualClock {
  let now = 1_700_000_000_000;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    elapsed: () => now,
    after(milliseconds, callback) {
      const timer = { at: now + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (let next = earliest(timers, end); next !== undefined; next = earliest(timers, end)) {
        now = next.at;
        timers.delete(next);
        next.callback();
      }
      now = end;
    },
    get waiting() {
      return timers.size;
    },
  };
}

function earliest<T extends { readonly at: number }>(timers: ReadonlySet<T>, end: number): T | undefined {
  return [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
}
