import type { Clock } from '../../base/clock.ts';
import { abandonedUploads, endUpload, type Outbox, type Store } from '../../store/index.ts';
import { orderBlobRemoval } from './blob-removal.ts';

/** Removes what is left of uploads that were cut off, by a crash or by a runner that went away. */
export function createAbandonedUploads({
  store,
  outbox,
  clock,
}: {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
}): { look(): Promise<void> } {
  return {
    async look() {
      for (;;) {
        const before = clock.now() - LONGEST_UPLOAD_MS;
        const blobs = await store.read((db) => abandonedUploads(db, before, AT_ONCE));
        await store.write(async (tx) => {
          const gone: string[] = [];
          for (const blob of blobs) if (await endUpload(tx.db, blob)) gone.push(blob);
          await orderBlobRemoval(outbox, tx, { blobs: gone });
        });
        if (blobs.length < AT_ONCE) return;
      }
    },
  };
}

const AT_ONCE = 100;
/** Longer than any upload takes; one that takes longer still is refused at its end. */
const LONGEST_UPLOAD_MS = 24 * 3600_000;
