import { type Lane, matcherOf, type RunnerProfile } from './lane-catalogue.ts';
import { holderKey } from './places.ts';

export interface WaitingRunner {
  /** Grows with each that comes. */
  readonly ticket: number;
  /** Tells it for which work; null while it is awake. */
  wake: ((work: string | null) => void) | null;
}

/** The runners that wait, so that those for a lane are found at once: thousands of them are of a few kinds. */
export interface WaitingKinds {
  /** Answers with what takes it away. */
  add(profile: RunnerProfile, runner: WaitingRunner): () => void;
  /** As many of those who sleep and may take a lane's jobs, in the order they came. */
  longestWaiting(lane: Lane, count: number): readonly WaitingRunner[];
  /** The same of a process of a runner that holds places. */
  holding(holder: string, count: number): readonly WaitingRunner[];
  all(): readonly WaitingRunner[];
  size(): number;
}

interface Kind {
  readonly matches: (lane: Lane) => boolean;
  /** In the order they came; those who are awake keep their place. */
  readonly runners: Set<WaitingRunner>;
}

export function createWaitingKinds(): WaitingKinds {
  const kinds = new Map<string, Kind>();
  /** Which kinds may take a lane's jobs, for the lanes of late: lanes never change, and kinds come and go. */
  const known = new Map<number, { readonly lane: Lane; readonly kinds: Set<Kind> }>();
  const holders = new Map<string, Set<WaitingRunner>>();
  let size = 0;

  function kindOf(profile: RunnerProfile, name: string): Kind {
    const found = kinds.get(name);
    if (found !== undefined) return found;
    const kind: Kind = { matches: matcherOf(profile), runners: new Set() };
    kinds.set(name, kind);
    for (const { lane, kinds: able } of known.values()) if (kind.matches(lane)) able.add(kind);
    return kind;
  }

  function ableFor(lane: Lane): ReadonlySet<Kind> {
    const found = known.get(lane.id);
    if (found !== undefined) return found.kinds;
    const able = new Set([...kinds.values()].filter(({ matches }) => matches(lane)));
    known.set(lane.id, { lane, kinds: able });
    for (const oldest of known.keys()) {
      if (known.size <= MOST_LANES) break;
      known.delete(oldest);
    }
    return able;
  }

  function addHolder({ holder }: RunnerProfile, runner: WaitingRunner): () => void {
    if (holder === undefined) return () => undefined;
    const name = holderKey(holder);
    const own = holders.get(name) ?? new Set();
    holders.set(name, own.add(runner));
    return () => {
      own.delete(runner);
      if (own.size === 0 && holders.get(name) === own) holders.delete(name);
    };
  }

  return {
    add(profile, runner) {
      const name = nameOf(profile);
      const kind = kindOf(profile, name);
      kind.runners.add(runner);
      size += 1;
      const leaveHolder = addHolder(profile, runner);
      return () => {
        kind.runners.delete(runner);
        size -= 1;
        leaveHolder();
        if (kind.runners.size > 0 || kinds.get(name) !== kind) return;
        kinds.delete(name);
        for (const { kinds: able } of known.values()) able.delete(kind);
      };
    },
    longestWaiting(lane, count) {
      if (count <= 0) return [];
      const first = [...ableFor(lane)].flatMap(({ runners }) => asleep(runners, count));
      return first.sort((a, b) => a.ticket - b.ticket).slice(0, count);
    },
    holding: (holder, count) => asleep(holders.get(holder) ?? new Set(), count),
    all: () => [...kinds.values()].flatMap(({ runners }) => [...runners]),
    size: () => size,
  };
}

const MOST_LANES = 256;

/** The first few. Those who are awake are passed over: they are as few as jobs are being given out. */
function asleep(runners: ReadonlySet<WaitingRunner>, count: number): readonly WaitingRunner[] {
  const found: WaitingRunner[] = [];
  for (const runner of runners) {
    if (found.length >= count) break;
    if (runner.wake !== null) found.push(runner);
  }
  return found;
}

/** Of a profile alone: what is given may have more to it, which is each runner's own. */
function nameOf({ tags, runUntagged, protected: isProtected, features, projects }: RunnerProfile): string {
  return JSON.stringify([tags, runUntagged, isProtected, features, projects]);
}
