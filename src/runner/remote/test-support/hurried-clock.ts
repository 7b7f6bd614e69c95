import type { Clock } from '../../../base/clock.ts';

/** A clock on which whoever waits waits no real time: the next timer is due as soon as nothing else happens. */
export function hurriedClock(): Clock {
  let elapsed = 0;
  let order = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || timers.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
      if (next === undefined) return;
      timers.delete(next[0]);
      elapsed = Math.max(elapsed, next[1].at);
      next[1].callback();
      schedule();
    });
  }

  return {
    now: () => elapsed,
    elapsed: () => elapsed,
    after(milliseconds, callback) {
      const id = order;
      order += 1;
      timers.set(id, { at: elapsed + milliseconds, callback });
      schedule();
      return () => timers.delete(id);
    },
  };
}
