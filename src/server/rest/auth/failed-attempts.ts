import type { Clock } from '../../../base/clock.ts';

/**
 * How often an address has come with credentials that were not right. One that has too often is not listened to for a
 * while; credentials that were right before go on to be, so that nobody behind the same address is shut out.
 */
export interface FailedAttempts {
  /** Seconds until these may be looked at; null: now. */
  waitFor(address: string, hash: string): number | null;
  right(hash: string): void;
  wrong(address: string): void;
}

export function createFailedAttempts(clock: Clock): FailedAttempts {
  const failures = new Map<string, { count: number; readonly since: number }>();
  const known = new Set<string>();

  return {
    waitFor(address, hash) {
      const failed = failures.get(address);
      if (failed === undefined || failed.count < MOST_FAILURES || known.has(hash)) return null;
      const left = failed.since + WINDOW_MS - clock.elapsed();
      return left <= 0 ? null : Math.ceil(left / 1000);
    },
    right(hash) {
      known.delete(hash);
      known.add(hash);
      dropOldest(known);
    },
    wrong(address) {
      const now = clock.elapsed();
      const failed = failures.get(address);
      if (failed !== undefined && now - failed.since < WINDOW_MS) {
        failed.count += 1;
        return;
      }
      failures.delete(address);
      failures.set(address, { count: 1, since: now });
      dropOldest(failures);
    },
  };
}

const MOST_FAILURES = 30;
const WINDOW_MS = 60_000;
const MOST_REMEMBERED = 20_000;

/** A set and a map keep the order in which things were put in. */
function dropOldest(kept: Set<string> | Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_REMEMBERED) return;
    kept.delete(oldest);
  }
}
