import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/index.ts';
import { createMaintenance, type PushReceiver, type Repositories } from '../git/index.ts';
import { receiveMissedPushes } from '../pipelines/missed-pushes.ts';
import { repeatedly } from './repeatedly.ts';
import type { UnrecordedPushes } from './unrecorded-pushes.ts';

export interface GitUpkeepParts {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly receiver: PushReceiver;
  readonly unrecorded: UnrecordedPushes;
  readonly clock: Clock;
  /** Something a person may want to know, for the log. */
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
  readonly failed: (what: string, error: unknown, project?: number) => void;
}

/**
 * Deals with the pushes that a killed server has left, and then looks after the repositories until it is closed. A git
 * outlives the server that started it, and may finish a push of which its author has heard nothing: so pushes are looked
 * for some more times.
 */
export async function startGitUpkeep(parts: GitUpkeepParts): Promise<AsyncDisposable> {
  const { repositories, clock, remark, failed } = parts;
  await receiveMissedPushes(parts);
  const running = new AsyncDisposableStack();
  let looks = 0;
  running.use(
    repeatedly(
      clock,
      ORPHANS_END_MS,
      async () => (++looks <= ORPHAN_LOOKS ? receiveMissedPushes(parts) : undefined),
      (error) => failed('Looking for pushes failed', error),
    ),
  );
  running.use(
    repeatedly(
      clock,
      CATCH_UP_MS,
      () => parts.unrecorded.catchUp(() => receiveMissedPushes(parts)),
      (error) => failed('Looking for pushes that could not be recorded failed', error),
    ),
  );
  const maintenance = createMaintenance({
    ...{ repositories, clock },
    failed: (error, project) => failed('Looking after a repository failed', error, project),
    removed: (leftovers, project) =>
      remark('Cleared away what a killed git has left', { project, leftovers }),
  });
  running.use(repeatedly(clock, LOOK_EVERY_MS, maintenance.look, (error) => failed('Upkeep failed', error)));
  running.use(maintenance);
  return running;
}

/** A database or a disk that was away for a moment is back by then, or will be at another time. */
const CATCH_UP_MS = 5000;
const ORPHANS_END_MS = 60_000;
const ORPHAN_LOOKS = 5;
const LOOK_EVERY_MS = 10_000;
