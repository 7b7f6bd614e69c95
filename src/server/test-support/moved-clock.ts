import { type Clock, systemClock } from '../../base/clock.ts';

/** The machine's clock, which a test may set forward; what waits goes on to wait as long as it takes. */
export function movedClock(): Clock & { forward(milliseconds: number): void } {
  let moved = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + moved,
    forward(milliseconds) {
      moved += milliseconds;
    },
  };
}
