import { randomUUID } from 'node:crypto';
import { type Lane, matcherOf, type RunnerProfile } from './lane-catalogue.ts';
import { holderKey } from './places.ts';

export interface WaitingRunners {
  key(): string;
  wait(profile: RunnerProfile, since: string, milliseconds: number, signal: AbortSignal): Promise<boolean>;
  /** A job may have begun to wait. */
  changed(): void;
  /** Jobs may be there although nothing has changed: somebody who was woken has taken one. */
  look(): void;
  close(): void;
}

/** For whom jobs wait: in lanes, and with these holders of places. */
export interface WaitingWork {
  readonly lanes: readonly Lane[];
  readonly holders: ReadonlySet<string>;
}

interface Kind {
  readonly matches: (lane: Lane) => boolean;
  /** In the order they came. */
  readonly wake: Set<(there: boolean) => void>;
}

/**
 * The runners that wait for a job. Thousands of them are of a few kinds, and most changes concern none of them: so one
 * look at the lanes is enough for all, and only some of a kind for which jobs are there are woken. When one of those
 * gets a job, it is looked again, so that no job waits while a runner sleeps.
 *
 * A runner for which jobs wait at a place that it holds is woken for them alone: they are for nobody else of its kind.
 */
export function createWaitingRunners(findWork: () => Promise<WaitingWork>): WaitingRunners {
  const kinds = new Map<string, Kind>();
  const holders = new Map<string, Set<(there: boolean) => void>>();
  const process = randomUUID();
  let changes = 0;
  let isLooking = false;
  let again = false;

  function key(): string {
    return `${process}.${changes}`;
  }

  function wait(
    profile: RunnerProfile,
    since: string,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (since !== key()) return Promise.resolve(true);
    const name = nameOf(profile);
    const kind = kinds.get(name) ?? { matches: matcherOf(profile), wake: new Set() };
    kinds.set(name, kind);
    const holder = profile.holder === undefined ? null : holderKey(profile.holder);
    const own = holder === null ? null : (holders.get(holder) ?? new Set());
    if (holder !== null && own !== null) holders.set(holder, own);
    return new Promise((resolve) => {
      function end(there: boolean): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', gone);
        kind.wake.delete(end);
        if (kind.wake.size === 0 && kinds.get(name) === kind) kinds.delete(name);
        own?.delete(end);
        if (holder !== null && own?.size === 0 && holders.get(holder) === own) holders.delete(holder);
        resolve(there);
      }
      const gone = () => end(false);
      const timer = setTimeout(gone, milliseconds);
      signal.addEventListener('abort', gone);
      kind.wake.add(end);
      own?.add(end);
    });
  }

  function look(): void {
    again = true;
    if (kinds.size > 0 && !isLooking) void lookNow();
  }

  async function lookNow(): Promise<void> {
    isLooking = true;
    while (again) {
      again = false;
      // A database that does not answer just now is no reason to wake anybody: they ask again by themselves.
      const there = await findWork().catch(() => NO_WORK);
      for (const holder of there.holders) for (const end of [...(holders.get(holder) ?? [])]) end(true);
      for (const { matches, wake } of [...kinds.values()]) {
        if (!there.lanes.some(matches)) continue;
        for (const end of [...wake].slice(0, WOKEN_AT_ONCE)) end(true);
      }
    }
    isLooking = false;
  }

  return {
    key,
    wait,
    changed() {
      changes += 1;
      look();
    },
    look,
    close() {
      for (const { wake } of [...kinds.values()]) for (const end of [...wake]) end(false);
    },
  };
}

const NO_WORK: WaitingWork = { lanes: [], holders: new Set() };
const WOKEN_AT_ONCE = 32;

/** Of a profile alone: what is given may have more to it, which is each runner's own. */
function nameOf({ tags, runUntagged, protected: isProtected, features, projects }: RunnerProfile): string {
  return JSON.stringify([tags, runUntagged, isProtected, features, projects]);
}
