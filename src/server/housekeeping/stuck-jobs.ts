import type { Clock } from '../../base/clock.ts';
import {
  type Db,
  lanesWithoutRunner,
  type PipelineStore,
  type Store,
  waitingSince,
} from '../../store/index.ts';

export interface StuckJobsParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly clock: Clock;
  /** A job that has waited for so long, and that no runner could take, is given up. */
  readonly stuckMs: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

export interface StuckJobs {
  look(): Promise<void>;
}

/**
 * Gives up jobs that wait for a runner that nobody has: with the right tags and features, for this project. One that
 * waits because all such runners are busy goes on waiting.
 */
export function createStuckJobs({ store, pipelines, clock, stuckMs, remark }: StuckJobsParts): StuckJobs {
  return {
    async look() {
      const now = clock.now();
      const lanes = await store.read((db) => lanesWithoutRunner(db, now - ABSENT_MS));
      for (const lane of lanes) {
        for (;;) {
          const stuck = await store.read((db) => waitingSince(db, lane, now - stuckMs, AT_ONCE));
          for (const { id, pipelineId, name, attempt } of stuck) {
            const outcome = { status: 'failed', reason: 'stuck_or_timeout_failure', exitCode: null } as const;
            await pipelines.apply(pipelineId, [{ type: 'job-finished', job: name, attempt, outcome }]);
            remark('No runner could take a job for too long', { job: id });
          }
          if (stuck.length < AT_ONCE) break;
        }
      }
    },
  };
}

const AT_ONCE = 100;
/** GitLab takes a runner for one that is not there any more after two hours. */
const ABSENT_MS = 2 * 3600_000;

/** The lanes whose jobs are stuck, for whoever shows jobs. */
export interface StuckLanes {
  /** Looked for again now and then only. */
  known(db: Db): Promise<ReadonlySet<number>>;
}

export function createStuckLanes(clock: Clock): StuckLanes {
  let found: { readonly at: number; readonly lanes: ReadonlySet<number> } | null = null;
  return {
    async known(db) {
      const at = clock.elapsed();
      if (found === null || at - found.at > GOOD_FOR_MS) {
        found = { at, lanes: await lanesWithoutRunner(db, clock.now() - ABSENT_MS) };
      }
      return found.lanes;
    },
  };
}

const GOOD_FOR_MS = 5000;
