import type { Clock } from '../../base/clock.ts';

/** Does something again and again, with a pause after each time, until it is closed. */
export function repeatedly(
  clock: Clock,
  pauseMs: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): AsyncDisposable {
  let closed = false;
  let cancel = (): void => undefined;
  let running: Promise<void> = Promise.resolve();

  function next(): void {
    cancel = clock.after(pauseMs, () => {
      running = work()
        .catch(failed)
        .finally(() => {
          if (!closed) next();
        });
    });
  }

  next();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      cancel();
      await running;
    },
  };
}
