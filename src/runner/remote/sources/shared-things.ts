/** Things that take long to make and that many may use at once, by a key. */
export interface SharedThings<Thing> {
  /**
   * The thing of this key, made when there is none. One that could not be made is forgotten: who waited for it tries by
   * itself, unless `isOver` says that it has no more use for it.
   * @throws what `make` does
   */
  use(key: string, make: () => Promise<Thing>, isOver: () => boolean): Promise<Use<Thing>>;
}

export interface Use<Thing> {
  readonly thing: Thing;
  /** It was there already, or on its way. */
  readonly wasThere: boolean;
  release(): Promise<void>;
}

/** @param mostUnused how many that nobody uses are kept, those that were asked for last */
export function createSharedThings<Thing>(
  mostUnused: number,
  remove: (thing: Thing) => Promise<void>,
): SharedThings<Thing> {
  const entries = new Map<string, Entry<Thing>>();

  async function removeUnused(): Promise<void> {
    const unused = [...entries].filter(([, { users }]) => users === 0);
    for (const [key, { making }] of unused.slice(0, Math.max(0, unused.length - mostUnused))) {
      entries.delete(key);
      await remove(await making);
    }
  }

  return {
    async use(key, make, isOver) {
      for (;;) {
        const found = entries.get(key);
        const entry = found ?? { making: make(), users: 0 };
        // The newest is the last.
        entries.delete(key);
        entries.set(key, entry);
        entry.users += 1;
        try {
          const thing = await entry.making;
          const release = async () => {
            entry.users -= 1;
            await removeUnused();
          };
          return { thing, wasThere: found !== undefined, release };
        } catch (error) {
          if (entries.get(key) === entry) entries.delete(key);
          if (found === undefined || isOver()) throw error;
        }
      }
    },
  };
}

interface Entry<Thing> {
  readonly making: Promise<Thing>;
  users: number;
}
