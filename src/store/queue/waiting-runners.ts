import { randomUUID } from 'node:crypto';
import type { Lane, RunnerProfile } from './lane-catalogue.ts';
import { createWaitingKinds, type WaitingRunner } from './waiting-kinds.ts';

/** A lane in which jobs wait, and how many: exact as far as `MOST_COUNTED`. */
export interface LaneWithJobs {
  readonly lane: Lane;
  readonly jobs: number;
}

export interface WaitingRunners {
  key(): string;
  /** As `Queue.serve`. */
  serve<T>(waiting: Waiting, take: () => Promise<T | null>): Promise<T | null>;
  /** A job may have begun to wait. */
  changed(): void;
  /** Jobs may be there although nothing has changed: somebody who was to take one has not. */
  look(): void;
  close(): void;
}

/** For whom jobs wait: in lanes, and with holders of places (`holderKey`), how many for each. */
export interface WaitingWork {
  readonly lanes: readonly LaneWithJobs[];
  readonly holders: ReadonlyMap<string, number>;
}

/** A runner that is kept waiting. */
export interface Waiting {
  readonly profile: RunnerProfile;
  /** What the key was before it was seen that nothing is there for it. */
  readonly since: string;
  readonly signal: AbortSignal;
}

/**
 * The runners that wait for a job. When jobs come, as many are woken as there are jobs for them and not one more, those
 * who have waited longest first: thousands that all ask at once would keep each other from the few jobs. One that was woken
 * in vain goes back to its place.
 *
 * No job waits while a runner sleeps that could take it: the lanes are looked at when a job comes, when somebody who was
 * woken is done, and when a runner begins to wait after a change that it has not seen; and now and then, because news
 * of another process may be lost with it.
 *
 * A runner for which jobs wait at a place that it holds is woken for them alone: they are for nobody else of its kind.
 */
export function createWaitingRunners(findWork: () => Promise<WaitingWork>): WaitingRunners {
  const kinds = createWaitingKinds();
  /** Of each lane and holder, those who were woken for its jobs and have not taken one yet. */
  const onTheWay = new Map<string, number>();
  const process = randomUUID();
  let changes = 0;
  let tickets = 0;
  let isLooking = false;
  let again = false;
  let next: NodeJS.Timeout | null = null;
  let nextAt = Number.POSITIVE_INFINITY;
  let closed = false;

  function key(): string {
    return `${process}.${changes}`;
  }

  async function serve<T>(
    { profile, since, signal }: Waiting,
    take: () => Promise<T | null>,
  ): Promise<T | null> {
    if (signal.aborted || closed) return null;
    const sleeper: WaitingRunner = { ticket: tickets++, wake: null };
    const leave = kinds.add(profile, sleeper);
    let toldAt = since;
    try {
      for (;;) {
        const work = await woken(sleeper, signal, toldAt);
        if (work === null || signal.aborted) return null;
        toldAt = key();
        const taken = await tryFor(work, take);
        if (taken !== null) return taken;
      }
    } finally {
      leave();
    }
  }

  /** For which work it was woken; null: it is to wait no longer. */
  function woken(sleeper: WaitingRunner, signal: AbortSignal, since: string): Promise<string | null> {
    return new Promise((resolve) => {
      const gone = () => wake(null);
      function wake(work: string | null): void {
        sleeper.wake = null;
        signal.removeEventListener('abort', gone);
        resolve(work);
      }
      sleeper.wake = wake;
      signal.addEventListener('abort', gone);
      if (since === key()) lookWithin(NOW_AND_THEN_MS);
      else look();
    });
  }

  async function tryFor<T>(work: string, take: () => Promise<T | null>): Promise<T | null> {
    let isDone = false;
    try {
      const taken = await take();
      isDone = taken !== null;
      return taken;
    } finally {
      const others = (onTheWay.get(work) ?? 1) - 1;
      if (others === 0) onTheWay.delete(work);
      else onTheWay.set(work, others);
      // What it did not get may be in another's hands just now, and is not to be asked for without pause.
      if (isDone) look();
      else lookWithin(IN_VAIN_MS);
    }
  }

  function look(): void {
    again = true;
    if (!closed && !isLooking && kinds.size() > 0) void lookNow();
  }

  function lookWithin(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (closed || at >= nextAt) return;
    if (next !== null) clearTimeout(next);
    nextAt = at;
    next = setTimeout(() => {
      next = null;
      nextAt = Number.POSITIVE_INFINITY;
      look();
    }, milliseconds);
    next.unref();
  }

  async function lookNow(): Promise<void> {
    isLooking = true;
    while (again) {
      again = false;
      // Whoever is done while the jobs are counted may have taken one that is among them; then it is looked again.
      const coming = new Map(onTheWay);
      // A database that does not answer just now is no reason to wake anybody: it is looked again soon.
      const found = await findWork().catch(() => NO_WORK);
      for (const [holder, jobs] of found.holders) {
        const work = `holder ${holder}`;
        wakeFor(work, kinds.holding(holder, jobs - (coming.get(work) ?? 0)));
      }
      for (const { lane, jobs } of found.lanes) {
        const work = `lane ${lane.id}`;
        wakeFor(work, kinds.longestWaiting(lane, jobs - (coming.get(work) ?? 0)));
      }
    }
    isLooking = false;
    if (kinds.size() > 0) lookWithin(NOW_AND_THEN_MS);
  }

  function wakeFor(work: string, sleepers: readonly WaitingRunner[]): void {
    if (sleepers.length > 0) onTheWay.set(work, (onTheWay.get(work) ?? 0) + sleepers.length);
    for (const { wake } of sleepers) wake?.(work);
  }

  return {
    key,
    serve,
    changed() {
      changes += 1;
      look();
    },
    look,
    close() {
      closed = true;
      if (next !== null) clearTimeout(next);
      for (const { wake } of kinds.all()) wake?.(null);
    },
  };
}

/** For so many at once are runners woken of a lane; for those that follow when these have theirs. */
export const MOST_COUNTED = 64;
const NO_WORK: WaitingWork = { lanes: [], holders: new Map() };
const NOW_AND_THEN_MS = 2000;
const IN_VAIN_MS = 50;
