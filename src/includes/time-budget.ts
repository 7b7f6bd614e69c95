/** How long all fetching of one command may take together, however many files and servers there are. */
export interface TimeBudget {
  /** Does the work with the milliseconds that are left for it; answers with `over` when there are none. */
  spend<T>(work: (leftMs: number) => Promise<T>, over: () => T): Promise<T>;
}

/** Time in which several things are fetched counts once, and time in which nothing is fetched not at all. */
export function createTimeBudget(totalMs: number, now: () => number): TimeBudget {
  let spent = 0;
  let active = 0;
  let since = 0;
  return {
    async spend(work, over) {
      const left = totalMs - spent - (active > 0 ? now() - since : 0);
      if (left <= 0) return over();
      if (active++ === 0) since = now();
      try {
        return await work(left);
      } finally {
        if (--active === 0) spent += now() - since;
      }
    },
  };
}
