/** Work of which only so much is done at once; the rest waits for its turn, first come, first served. */
export interface Slots {
  use<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(most: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async use(work) {
      if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The place goes from one to the next, so nobody else can take it in between.
        if (next === undefined) taken -= 1;
        else next();
      }
    },
  };
}
