import type { Clock } from '../../../base/clock.ts';
import { createSharedFolders, type SharedFolders } from '../../workspace/shared-folders.ts';
import { createBackoff } from '../backoff.ts';
import type { RunnerEvent } from '../runner-events.ts';
import type { RunnerCalls } from '../server/runner-calls.ts';
import { createWakeUp } from '../wake-up.ts';

/**
 * What this process keeps of pipelines whose jobs share files, a place each. A place comes into being with its first job
 * here, and goes when the server says that it is over and no job is in it any more. The server is asked now and then,
 * which tells it, too, that the process is there. Disposed of after the last job: then nothing is left.
 */
export interface HeldPlaces extends AsyncDisposable {
  /** For one job, from now on until it leaves. */
  enter(place: number): PlaceInUse;
  /** How many there are. */
  count(): number;
  /** Settles when there is none. */
  empty(): Promise<void>;
}

export interface PlaceInUse {
  readonly folders: SharedFolders;
  leave(): void;
}

export interface HeldPlacesParts {
  readonly calls: Pick<RunnerCalls, 'places'>;
  /** This process's name, and those of processes that have ended here without a word. */
  readonly process: string;
  readonly left: readonly string[];
  /** A private folder of this process. */
  readonly folder: string;
  readonly reclaim: (folder: string) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: (event: RunnerEvent) => void;
  /** This process takes no other jobs any more, and ends with the last of its places. */
  readonly drain: AbortSignal;
  /** Nobody is told anything any more. */
  readonly abandon: AbortSignal;
}

export function holdPlaces(parts: HeldPlacesParts): HeldPlaces {
  const { calls, clock, listener, drain, abandon } = parts;
  const places = new Map<number, Place>();
  const wakeUp = createWakeUp(clock);
  const backoff = createBackoff(1_000, 30_000, parts.random);
  let untold = parts.left;
  const end = new AbortController();
  const emptied = new Set<() => void>();
  const wake = () => wakeUp.wake();
  drain.addEventListener('abort', wake, { once: true });
  const asking = askUntilTheEnd();

  async function askUntilTheEnd(): Promise<void> {
    while (!end.signal.aborted) {
      const pauseMs = places.size === 0 && untold.length === 0 ? NOTHING_TO_ASK_MS : await ask();
      if (!end.signal.aborted) await wakeUp.sleep(pauseMs);
    }
  }

  /** Answers with how long to wait before the next time. */
  async function ask(): Promise<number> {
    // One that comes into being while the server answers is not in its answer.
    const known = [...places.keys()];
    const telling = untold.slice(0, MOST_NAMES);
    const answer = await calls.places({ left: telling, leaving: drain.aborted }, end.signal);
    if (answer.kind === 'unknown') {
      untold = [];
      return places.size === 0 ? NOTHING_TO_ASK_MS : MOST_PAUSE_MS;
    }
    if (answer.kind !== 'held') return backoff.next(answer.kind === 'away' ? answer.afterMs : MOST_PAUSE_MS);
    backoff.reset();
    untold = untold.slice(telling.length);
    const held = new Set(answer.held);
    for (const id of known) if (!held.has(id)) await removeWhenEmpty(id);
    return untold.length > 0 ? 0 : Math.min(MOST_PAUSE_MS, answer.askAgainMs);
  }

  async function removeWhenEmpty(id: number): Promise<void> {
    const place = places.get(id);
    if (place === undefined || place.jobs > 0) return;
    places.delete(id);
    await remove(place);
    tellIfEmpty();
  }

  function tellIfEmpty(): void {
    if (places.size > 0) return;
    for (const tell of emptied) tell();
    emptied.clear();
  }

  /** What resists is told, and removed with all that the process leaves. */
  async function remove({ folders }: Place): Promise<void> {
    try {
      await folders[Symbol.asyncDispose]();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      listener({ type: 'warning', message: `Files of a pipeline could not be removed: ${reason}` });
    }
  }

  function makePlace(id: number): Place {
    const made = {
      folders: createSharedFolders({ parent: parts.folder, reclaim: parts.reclaim }),
      jobs: 0,
    };
    places.set(id, made);
    return made;
  }

  return {
    count: () => places.size,
    async empty() {
      if (places.size > 0) await new Promise<void>((resolve) => emptied.add(resolve));
    },
    enter(id) {
      const place = places.get(id) ?? makePlace(id);
      place.jobs += 1;
      if (place.jobs === 1) wakeUp.wake();
      return {
        folders: place.folders,
        leave() {
          place.jobs -= 1;
          if (place.jobs === 0) wakeUp.wake();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      wakeUp.wake();
      await asking;
      const hadPlaces = places.size > 0;
      for (const place of places.values()) await remove(place);
      places.clear();
      tellIfEmpty();
      drain.removeEventListener('abort', wake);
      // So that nobody waits for files that are gone. A server that cannot be told finds out by our silence.
      if (hadPlaces && !abandon.aborted) {
        await calls.places({ left: [parts.process], leaving: true }, abandon);
      }
    },
  };
}

interface Place {
  readonly folders: SharedFolders;
  jobs: number;
}

const NOTHING_TO_ASK_MS = 3600_000;
const MOST_PAUSE_MS = 15_000;
/** As many as one question may name. */
const MOST_NAMES = 1000;
