import type { Clock } from '../../base/clock.ts';
import {
  type ExpiringArtifact,
  expiringArtifacts,
  lockArtifacts,
  lockedArtifacts,
  type Outbox,
  projectById,
  projectsWithLocked,
  removeExpired,
  type Store,
} from '../../store/index.ts';
import { orderBlobRemoval } from './blob-removal.ts';

export interface ArtifactExpiryParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

/**
 * Takes away artifacts whose time is over, but for those of the newest successful pipeline of a branch or tag: they are
 * locked shortly before their time is over, and let go when a newer pipeline is successful or the branch is gone.
 */
export function createArtifactExpiry({ store, outbox, clock }: ArtifactExpiryParts): {
  look(): Promise<void>;
} {
  async function look(): Promise<void> {
    const now = clock.now();
    await unlock();
    await lockComing(now);
    await removeOver(now);
  }

  async function unlock(): Promise<void> {
    for (const projectId of await store.read(projectsWithLocked)) {
      const outdated = await keepsLatest(projectId);
      for (;;) {
        const ids = await store.read((db) => lockedArtifacts(db, { projectId, outdated, limit: AT_ONCE }));
        await store.write(({ db }) => lockArtifacts(db, ids, false));
        if (ids.length < AT_ONCE) break;
      }
    }
  }

  /** Those that only a few minutes are left of: nobody may find them gone before they are locked. */
  async function lockComing(now: number): Promise<void> {
    const coming = { after: now, until: now + AHEAD_MS, limit: MOST_COMING };
    await lockLatest(await store.read((db) => expiringArtifacts(db, coming)));
  }

  async function removeOver(now: number): Promise<void> {
    for (;;) {
      const over = await store.read((db) => expiringArtifacts(db, { until: now, limit: AT_ONCE }));
      const locked = await lockLatest(over);
      const ids = over.flatMap(({ id }) => (locked.has(id) ? [] : [id]));
      await store.write(async (tx) => {
        await orderBlobRemoval(outbox, tx, { blobs: await removeExpired(tx.db, ids, now) });
      });
      if (over.length < AT_ONCE) return;
    }
  }

  async function lockLatest(artifacts: readonly ExpiringArtifact[]): Promise<ReadonlySet<number>> {
    const latest = artifacts.filter(({ isLatest }) => isLatest);
    const locked = new Set<number>();
    for (const [projectId, some] of Map.groupBy(latest, (artifact) => artifact.projectId)) {
      if (await keepsLatest(projectId)) for (const { id } of some) locked.add(id);
    }
    if (locked.size > 0) await store.write(({ db }) => lockArtifacts(db, [...locked], true));
    return locked;
  }

  async function keepsLatest(projectId: number): Promise<boolean> {
    const project = await store.read((db) => projectById(db, projectId));
    return project?.settings.keepLatestArtifacts ?? false;
  }

  return { look };
}

const AT_ONCE = 200;
const MOST_COMING = 5000;
const AHEAD_MS = 10 * 60_000;
