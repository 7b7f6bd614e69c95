import type { Clock } from '../../base/clock.ts';
import { together } from '../../base/together.ts';
import { type Runner, type RunnerManager, type Store, touchManagers } from '../../store/index.ts';
import type { Machine } from '../runner-api/ports.ts';

/**
 * The machines of runners, written down when they are new or changed, and otherwise now and then: thousands of one runner
 * together, because each change of that waits for the one before.
 */
export interface RunnerMachines {
  seen(runner: Runner, machine: Machine): Promise<void>;
}

export function createRunnerMachines(store: Store, clock: Clock): RunnerMachines {
  const written = new Map<string, { readonly content: string; readonly at: number }>();
  const writeDown = together(async (machines: readonly SeenMachine[]) => {
    // The same machine may have asked twice.
    const last = new Map(machines.map((machine) => [`${machine.runnerId} ${machine.systemId}`, machine]));
    await store.write(({ db }) => touchManagers(db, [...last.values()]));
    return machines.map(() => null);
  }, MOST_AT_ONCE);
  return {
    async seen({ id }, { systemId, info }) {
      const key = `${id} ${systemId}`;
      const features = featureNames(info.features);
      const told = {
        version: short(info.version),
        revision: short(info.revision),
        platform: short(info.platform),
        architecture: short(info.architecture),
        executor: short(info.executor),
        ipAddress: null,
        features,
      };
      const content = JSON.stringify(told);
      const known = written.get(key);
      if (known?.content === content && clock.elapsed() - known.at < EVERY_MS) return;
      written.delete(key);
      written.set(key, { content, at: clock.elapsed() });
      for (const oldest of written.keys()) {
        if (written.size <= MOST_MACHINES) break;
        written.delete(oldest);
      }
      const contactedAt = clock.now();
      try {
        await writeDown(
          { ...told, runnerId: id, systemId: systemId.slice(0, MAX_LENGTH), contactedAt },
          null,
        );
      } catch (error) {
        written.delete(key);
        throw error;
      }
    },
  };
}

type SeenMachine = RunnerManager & { readonly runnerId: number };

const MOST_AT_ONCE = 200;
/** GitLab writes it once an hour at most; people who look want to know sooner. */
const EVERY_MS = 60_000;
const MOST_MACHINES = 50_000;
const MAX_LENGTH = 255;

function short(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text.slice(0, MAX_LENGTH);
}

/** Those that a runner says it has. */
export function featureNames(features: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Object.entries(features ?? {})
    .flatMap(([name, has]) => (has === true && name.length <= MAX_LENGTH ? [name] : []))
    .sort()
    .slice(0, MOST_FEATURES);
}

const MOST_FEATURES = 200;
