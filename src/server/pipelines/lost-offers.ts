import type { Clock } from '../../base/clock.ts';
import { offeredJobs, type Store, withdrawOffer } from '../../store/index.ts';

export interface LostOffersParts {
  readonly store: Store;
  readonly clock: Clock;
  /** A runner that has not said for so long that it has a job does not have it. */
  readonly unansweredMs: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/**
 * Looks for jobs that were offered to a runner which never began them, and puts them back into the queue. Silence is
 * measured as that of jobs is (lost-jobs.ts).
 */
export function createLostOffers(parts: LostOffersParts): { look(): Promise<void> } {
  const { store, clock, unansweredMs, remark } = parts;
  let seen = new Map<string, number>();

  return {
    async look() {
      const now = clock.elapsed();
      const next = new Map<string, number>();
      for (const job of await store.read(offeredJobs)) {
        const heard = `${job.token_hash} ${job.touched_at}`;
        const since = seen.get(heard) ?? now;
        if (now - since < unansweredMs) next.set(heard, since);
        else if (await store.write((tx) => withdrawOffer(tx, job)))
          remark('A job never reached its runner', { job: job.id });
      }
      seen = next;
    },
  };
}
