/**
 * How many jobs may run at once, over a pipeline and all its children: first come, first served.
 */
export interface JobSlots {
  /** Resolves when a slot is free; rejects when aborted while waiting. */
  take(signal: AbortSignal): Promise<JobSlot>;
}

export interface JobSlot {
  /** From 0; no two jobs that run at once have the same: CI_CONCURRENT_ID. */
  readonly number: number;
  /** A second call frees nothing. */
  giveBack(): void;
}

export function createJobSlots(count: number): JobSlots {
  /** The lowest is taken first. */
  const free = Array.from({ length: count }, (_, at) => count - 1 - at);
  const waiting = new Set<(slot: number) => void>();

  function release(number: number): void {
    const [next] = waiting;
    if (next === undefined) {
      free.push(number);
      free.sort((a, b) => b - a);
    } else {
      waiting.delete(next);
      next(number);
    }
  }

  function slotOf(number: number): JobSlot {
    return { number, giveBack: once(() => release(number)) };
  }

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const number = free.pop();
        if (number !== undefined) return resolve(slotOf(number));
        const onAbort = (): void => {
          waiting.delete(grant);
          reject(signal.reason);
        };
        const grant = (granted: number): void => {
          signal.removeEventListener('abort', onAbort);
          resolve(slotOf(granted));
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
