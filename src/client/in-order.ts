/** Work of several names: of one name one after the other, in the order it was added. */
export interface Queues {
  add(name: string, work: () => void | Promise<void>): void;
  /** When all of it is done. Throws what the first that failed has thrown; the rest of its name is left out. */
  settled(): Promise<void>;
}

export function createQueues(): Queues {
  const ends = new Map<string, Promise<void>>();
  return {
    add(name, work) {
      const end = (ends.get(name) ?? Promise.resolve()).then(work);
      // Told by `settled`, and until then no reason to end the program.
      end.catch(() => undefined);
      ends.set(name, end);
    },
    async settled() {
      await Promise.all(ends.values());
    },
  };
}
