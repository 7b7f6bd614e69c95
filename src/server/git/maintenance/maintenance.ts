import { AppError } from '../../../base/app-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { listRepositories, type Repositories } from '../repositories.ts';
import { clearLeftovers, type LeftoverAges } from './leftovers.ts';
import { neededTasks, runTask } from './repack.ts';

export interface Maintenance {
  /**
   * Looks after repositories, one at a time, until none is left that needs it and has been quiet for a while. To be called
   * again and again; a call while another is at work does nothing.
   */
  look(): Promise<void>;
  /** Interrupts what is under way, and waits for its end. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface MaintenanceOptions {
  readonly repositories: Repositories;
  readonly clock: Clock;
  /** What went wrong, and what was found that should not have been there, for the log. */
  readonly failed: (error: unknown, project: number) => void;
  readonly removed: (leftovers: readonly string[], project: number) => void;
  readonly limits?: Partial<MaintenanceLimits>;
}

export interface MaintenanceLimits {
  /** Nobody has pushed for so long. */
  readonly quietMs: number;
  /** How old what a killed git left must be. */
  readonly leftovers: LeftoverAges;
  /** A repository that was interrupted by pushes so often is seen to the end, beside them. */
  readonly patience: number;
  /** One repository takes no longer. */
  readonly timeLimitMs: number;
}

const MAINTENANCE_LIMITS: MaintenanceLimits = {
  quietMs: 30_000,
  leftovers: { lockMs: 15_000, objectsMs: 600_000 },
  patience: 3,
  timeLimitMs: 3_600_000,
};

/**
 * Does what git would do by itself after a push, but when nobody waits for it: joins packs, packs refs, and clears away
 * what a killed git left. A push that comes meanwhile goes first, and the repository is looked after later.
 */
export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { repositories, clock, failed, removed } = options;
  const { activity } = repositories;
  const limits = { ...MAINTENANCE_LIMITS, ...options.limits };
  const interruptions = new Map<number, number>();
  const closing = new AbortController();
  let current: Promise<void> | null = null;
  let isFirst = true;

  async function lookAtAll(): Promise<void> {
    if (isFirst) {
      // Whatever was killed with the last server: nobody knows what it was at.
      isFirst = false;
      for (const project of await listRepositories(repositories.root)) activity.touch(project);
    }
    // What is touched from now on, also by this, has its turn the next time.
    const before = clock.elapsed() - limits.quietMs;
    while (!closing.signal.aborted) {
      const project = activity.takeQuiet(before);
      if (project === null) break;
      await lookAt(project).catch((error: unknown) => failed(error, project));
    }
  }

  async function lookAt(project: number): Promise<void> {
    const folder = repositories.folderOf(project);
    if (!(await repositories.exists(project))) return;
    const cleared = await clearLeftovers(folder, limits.leftovers, clock.now());
    if (cleared.removed.length > 0) removed(cleared.removed, project);
    if (cleared.isMoreLeft) activity.touch(project, clock.elapsed());
    const tasks = await neededTasks(folder);
    if (tasks.length > 0) await carryOut(project, tasks);
  }

  async function carryOut(project: number, tasks: readonly (readonly string[])[]): Promise<void> {
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    let isTooLong = false;
    const cancel = clock.after(limits.timeLimitMs, () => {
      isTooLong = true;
      interrupt();
    });
    const isPatient = (interruptions.get(project) ?? 0) < limits.patience;
    const unheard = isPatient ? activity.onBegin(project, interrupt) : null;
    if (isPatient && activity.isBusy(project)) interrupt();
    closing.signal.addEventListener('abort', interrupt);
    try {
      for (const task of tasks) {
        if (await runTask(repositories, project, task, stop.signal)) continue;
        if (isTooLong) throw new AppError('git-failed', `git ${task[0]} takes longer than it may.`);
        interruptions.set(project, (interruptions.get(project) ?? 0) + 1);
        activity.touch(project, clock.elapsed());
        return;
      }
      interruptions.delete(project);
    } finally {
      closing.signal.removeEventListener('abort', interrupt);
      cancel();
      unheard?.();
    }
  }

  return {
    look() {
      current ??= lookAtAll().finally(() => {
        current = null;
      });
      return current;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await current;
    },
  };
}
