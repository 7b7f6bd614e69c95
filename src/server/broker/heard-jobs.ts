import type { Clock } from '../../base/clock.ts';
import { type Store, touchJobs } from '../../store/index.ts';

/** Jobs whose runners were heard of, written down together now and then: most are over before. */
export interface HeardJobs {
  of(jobId: number): void;
  forget(jobId: number): void;
}

/** `withinMs`: they are written down before so much time has passed. */
export function createHeardJobs(store: Store, clock: Clock, withinMs: number): HeardJobs {
  const heard = new Set<number>();
  let isWaiting = false;

  async function write(): Promise<void> {
    const jobs = [...heard];
    heard.clear();
    isWaiting = false;
    if (jobs.length > 0) await store.write(({ db }) => touchJobs(db, jobs, clock.now()));
  }

  return {
    of(jobId) {
      heard.add(jobId);
      if (isWaiting) return;
      isWaiting = true;
      // A database that cannot be written now hears of them with their next message.
      clock.after(withinMs, () => void write().catch(() => undefined));
    },
    forget: (jobId) => void heard.delete(jobId),
  };
}
