/** How many jobs may run at once: of one runner, or of all runners of a process. */
export interface JobRoom {
  /** Settles when there is room, or the signal aborts. Takes nothing: `enter` does. */
  wait(signal: AbortSignal): Promise<void>;
  /** A job that runs until the promise settles. It comes in even when there is no room: the server has given it. */
  enter(job: Promise<void>): void;
  running(): number;
  /** Settles when no job runs. */
  empty(): Promise<void>;
}

export function createJobRoom(most: number): JobRoom {
  let running = 0;
  const waiting = new Set<() => void>();
  const emptied = new Set<() => void>();

  function leave(): void {
    running -= 1;
    // One place, one of those who wait; whether it gets a job is not known yet.
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      next();
    }
    if (running > 0) return;
    for (const tell of emptied) tell();
    emptied.clear();
  }

  return {
    running: () => running,
    async wait(signal) {
      while (running >= most && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const go = () => {
            waiting.delete(go);
            signal.removeEventListener('abort', go);
            resolve();
          };
          waiting.add(go);
          signal.addEventListener('abort', go, { once: true });
        });
      }
    },
    enter(job) {
      running += 1;
      void job.finally(leave);
    },
    async empty() {
      if (running > 0) await new Promise<void>((resolve) => emptied.add(resolve));
    },
  };
}
