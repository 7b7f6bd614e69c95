/** How long to wait after failures in a row. Random, so that a fleet does not come back to a server all at once. */
export interface Backoff {
  /** After one more failure; at least `atLeastMs`. */
  next(atLeastMs: number): number;
  reset(): void;
}

/** Doubles from `firstMs` to `mostMs`; each time between half of that and all of it. */
export function createBackoff(firstMs: number, mostMs: number, random: () => number): Backoff {
  let failures = 0;
  return {
    next(atLeastMs) {
      const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
      failures += 1;
      return Math.max(atLeastMs, full / 2 + (random() * full) / 2);
    },
    reset() {
      failures = 0;
    },
  };
}
