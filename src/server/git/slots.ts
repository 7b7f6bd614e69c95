/** How many may do something at once, over all and for each key (a user, an address). */
export interface Slots {
  /**
   * Waits for a place, first come, first served among those whose key has one left. null: there is none in time, or too
   * many are waiting. The answer gives the place back; to call it again does nothing.
   */
  take(key: string, signal: AbortSignal): Promise<(() => void) | null>;
}

export interface SlotLimits {
  readonly all: number;
  readonly perKey: number;
  /** Who may wait; one more is turned away at once. */
  readonly waiting: number;
  readonly waitMs: number;
}

export function createSlots({ all, perKey, waiting, waitMs }: SlotLimits): Slots {
  const taken = new Map<string, number>();
  const queue = new Set<{ readonly key: string; readonly give: () => void }>();
  let total = 0;

  function hasPlace(key: string): boolean {
    return total < all && (taken.get(key) ?? 0) < perKey;
  }

  function take(key: string): () => void {
    total++;
    taken.set(key, (taken.get(key) ?? 0) + 1);
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      total--;
      const left = (taken.get(key) ?? 1) - 1;
      if (left === 0) taken.delete(key);
      else taken.set(key, left);
      for (const next of queue) {
        if (!hasPlace(next.key)) continue;
        next.give();
        if (total >= all) break;
      }
    };
  }

  return {
    async take(key, signal) {
      if (signal.aborted) return null;
      if (hasPlace(key)) return take(key);
      if (queue.size >= waiting) return null;
      return new Promise((resolve) => {
        const entry = { key, give: () => settle(take(key)) };
        const leave = (): void => settle(null);
        const timer = setTimeout(leave, waitMs);
        function settle(place: (() => void) | null): void {
          queue.delete(entry);
          clearTimeout(timer);
          signal.removeEventListener('abort', leave);
          resolve(place);
        }
        signal.addEventListener('abort', leave, { once: true });
        queue.add(entry);
      });
    },
  };
}
