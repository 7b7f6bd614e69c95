/**
 * How many jobs may run at once, over a pipeline and all its children: first come, first served.
 */
export interface JobSlots {
  /** Resolves when a slot is free, with the function that gives it back; rejects when aborted while waiting. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createJobSlots(count: number): JobSlots {
  let free = count;
  const waiting = new Set<() => void>();

  function release(): void {
    const [next] = waiting;
    if (next === undefined) free++;
    else {
      waiting.delete(next);
      next();
    }
  }

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        const giveBack = once(release);
        if (signal.aborted) return reject(signal.reason);
        if (free > 0) {
          free--;
          return resolve(giveBack);
        }
        const onAbort = (): void => {
          waiting.delete(grant);
          reject(signal.reason);
        };
        const grant = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve(giveBack);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.add(grant);
      });
    },
  };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
