import type { Clock } from '../../base/clock.ts';

/** A sleep that others can end. One sleeper at a time. */
export interface WakeUp {
  /** Until the time is over or somebody wakes it; at once if that has happened since the last sleep. */
  sleep(milliseconds: number): Promise<void>;
  wake(): void;
}

export function createWakeUp(clock: Clock): WakeUp {
  let isWoken = false;
  let awaken: (() => void) | null = null;
  return {
    async sleep(milliseconds) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const stop = clock.after(Math.max(0, milliseconds), resolve);
          awaken = () => {
            stop();
            resolve();
          };
        });
      }
      awaken = null;
      isWoken = false;
    },
    wake() {
      isWoken = true;
      awaken?.();
    },
  };
}
