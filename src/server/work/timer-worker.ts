import type { Clock } from '../../base/clock.ts';
import type { LeasedTimer, Store, Timers } from '../../store/index.ts';

export interface TimerWorkerOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly clock: Clock;
  /** What it throws has the timer tried again when its lease ends; it must bear to be called twice. */
  readonly carryOut: (timer: LeasedTimer) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Carries out timers when they are due, until it is closed. */
export function startTimerWorker(options: TimerWorkerOptions): AsyncDisposable {
  const { store, timers, clock, failed } = options;
  let closed = false;
  let running: Promise<void> | null = null;
  let again = false;
  let cancelWait = (): void => undefined;

  function wake(): void {
    again = true;
    if (closed || running !== null) return;
    running = work().finally(() => {
      running = null;
      if (again && !closed) wake();
    });
  }

  async function work(): Promise<void> {
    cancelWait();
    let pause = MOST_PAUSE_MS;
    try {
      for (;;) {
        again = false;
        const due = await timers.take(BATCH, LEASE_MS);
        await Promise.all(due.map(carryOut));
        if (due.length < BATCH) break;
      }
      const next = await timers.next();
      // The clock may be set while we wait, so nobody waits long.
      if (next !== null) pause = Math.min(Math.max(next - clock.now(), LEAST_PAUSE_MS), MOST_PAUSE_MS);
    } catch (error) {
      failed(error);
    }
    if (!closed) cancelWait = clock.after(pause, wake);
  }

  async function carryOut(timer: LeasedTimer): Promise<void> {
    try {
      await options.carryOut(timer);
      await timers.done(timer);
    } catch (error) {
      failed(error);
    }
  }

  const stop = store.listen('timers', wake);
  wake();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      stop();
      cancelWait();
      await running;
    },
  };
}

const BATCH = 100;
const LEASE_MS = 60_000;
/** A timer that somebody else has taken is due and not ours. */
const LEAST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 5000;
