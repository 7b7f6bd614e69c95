import type { Clock } from '../../base/clock.ts';
import { type Runner, runnersByTokens, type Store } from '../../store/index.ts';
import { hashToken } from '../runner-api/token-hash.ts';

/** Who the runners are that ask. */
export interface KnownRunners extends Disposable {
  /** Null: no runner has the token, or its time is over. */
  find(hash: string): Promise<Runner | null>;
  /** The signal that `work` gets aborts with the one given, and when the runner is not what it was any more. */
  whileAsItIs<T>(
    held: { readonly hash: string; readonly runner: Runner; readonly signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

interface Held {
  readonly version: string;
  readonly leave: () => void;
}

/**
 * A runner is remembered for a few seconds, because it asks several things in a row. Whoever changes one tells of it
 * (topic `runners`): in this process it is forgotten before the change is answered, and in others soon after. Those who
 * wait are looked up again then, all of them together.
 */
export function createKnownRunners(store: Store, clock: Clock): KnownRunners {
  const known = new Map<string, { readonly found: Promise<Runner | null>; readonly at: number }>();
  const held = new Map<string, Set<Held>>();

  async function find(hash: string): Promise<Runner | null> {
    const runner = await remembered(hash);
    const isOver = runner !== null && runner.tokenExpiresAt !== null && runner.tokenExpiresAt <= clock.now();
    return isOver ? null : runner;
  }

  function remembered(hash: string): Promise<Runner | null> {
    const kept = known.get(hash);
    if (kept !== undefined && clock.elapsed() - kept.at < FORGOTTEN_MS) return kept.found;
    const found = store
      .read((db) => runnersByTokens(db, [hash]))
      .then((runners) => runners.get(hash) ?? null);
    const entry = { found, at: clock.elapsed() };
    known.delete(hash);
    known.set(hash, entry);
    const forget = () => {
      if (known.get(hash) === entry) known.delete(hash);
    };
    // What nobody has is asked by whoever guesses, and what failed says nothing.
    found.then((runner) => (runner === null ? forget() : undefined), forget);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
    return found;
  }

  async function lookAgain(): Promise<void> {
    known.clear();
    const hashes = [...held.keys()];
    for (let from = 0; from < hashes.length; from += AT_ONCE) {
      const some = hashes.slice(from, from + AT_ONCE);
      const runners = await store.read((db) => runnersByTokens(db, some));
      for (const hash of some) {
        const runner = runners.get(hash);
        const version = runner === undefined ? null : versionOf(runner);
        for (const one of [...(held.get(hash) ?? [])]) if (one.version !== version) one.leave();
      }
    }
  }

  // When the database does not answer, those who wait ask again by themselves before a minute is over.
  const stop = store.listen('runners', () => void lookAgain().catch(() => undefined));

  return {
    find,
    async whileAsItIs({ hash, runner, signal }, work) {
      const changed = new AbortController();
      const leave = () => changed.abort();
      const own: Held = { version: versionOf(runner), leave };
      const ofToken = held.get(hash) ?? new Set();
      held.set(hash, ofToken.add(own));
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
      try {
        return await work(changed.signal);
      } finally {
        signal.removeEventListener('abort', leave);
        ofToken.delete(own);
        if (ofToken.size === 0 && held.get(hash) === ofToken) held.delete(hash);
      }
    },
    [Symbol.dispose]: stop,
  };
}

const FORGOTTEN_MS = 5000;
const MOST_KNOWN = 50_000;
const AT_ONCE = 1000;

/** Another one when the runner may take other jobs than before. */
export function versionOf({ tags, runUntagged, protected: isProtected, paused, projects }: Runner): string {
  return hashToken(JSON.stringify([tags, runUntagged, isProtected, paused, projects])).slice(0, 16);
}
