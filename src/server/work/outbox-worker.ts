import type { Clock } from '../../base/clock.ts';
import type { LeasedEntry, Outbox, Store } from '../../store/index.ts';

export interface OutboxWorkerOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly topic: string;
  /** Carries one out. What it throws has it tried again later; it must bear to be called twice. */
  readonly carryOut: (entry: LeasedEntry) => Promise<void>;
  readonly failed: (error: unknown, entry: LeasedEntry) => void;
}

/** Carries out the entries of a topic until it is closed: those of one key one after the other, several keys at once. */
export interface OutboxWorker extends AsyncDisposable {
  /** Settles when nothing is left that could be carried out now. */
  idle(): Promise<void>;
}

export function startOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { store, outbox, clock, topic, failed } = options;
  let closed = false;
  let running: Promise<void> | null = null;
  let again = false;
  let cancelPoll = (): void => undefined;
  const slow = new Set<Promise<void>>();

  function wake(): void {
    again = true;
    if (closed || running !== null) return;
    running = drain().finally(() => {
      running = null;
      if (again && !closed) wake();
    });
  }

  async function drain(): Promise<void> {
    cancelPoll();
    try {
      while (again && !closed) {
        again = false;
        const entries = await outbox.take(topic, BATCH, LEASE_MS);
        if (entries.length === 0) break;
        again = true;
        await carryOutAll(entries);
      }
    } catch (error) {
      // The database does not answer: what was taken is given to others when its lease ends.
      failed(error, NO_ENTRY);
    }
    if (!closed) cancelPoll = clock.after(POLL_MS, wake);
  }

  async function carryOutAll(entries: readonly LeasedEntry[]): Promise<void> {
    const chains = Array.from(Map.groupBy(entries, ({ key }) => key).values(), startChain);
    await soon(Promise.all(chains.map(({ ended }) => ended)));
    const late = chains.filter(({ done }) => done === null);
    for (const chain of late) letGoOn(chain);
    const done = chains.flatMap((chain) => (late.includes(chain) ? [] : (chain.done ?? [])));
    if (done.length > 0) await outbox.done(done);
    while (slow.size >= MOST_SLOW) await Promise.race(slow);
  }

  function startChain(entries: readonly LeasedEntry[]): Chain {
    const chain: Chain = { done: null, ended: Promise.resolve() };
    chain.ended = carryOutChain(entries).then((done) => {
      chain.done = done;
    });
    return chain;
  }

  /** Those of one key, up to the first that fails. Answers with what was carried out. */
  async function carryOutChain(entries: readonly LeasedEntry[]): Promise<readonly LeasedEntry[]> {
    const done: LeasedEntry[] = [];
    for (const entry of entries) {
      try {
        await options.carryOut(entry);
        done.push(entry);
      } catch (error) {
        failed(error, entry);
        await outbox.later(entry, pauseAfter(entry.attempts));
        break;
      }
    }
    return done;
  }

  /** Others do not wait for what takes long, such as a file that is fetched from elsewhere. */
  function letGoOn(chain: Chain): void {
    const going = chain.ended
      .then(async () => {
        if (chain.done !== null && chain.done.length > 0) await outbox.done(chain.done);
      })
      .catch((error: unknown) => failed(error, NO_ENTRY))
      .finally(() => slow.delete(going));
    slow.add(going);
  }

  /** Waits for work, and no longer than a moment. */
  async function soon(work: Promise<unknown>): Promise<void> {
    const moment = Promise.withResolvers<void>();
    const cancel = clock.after(MOMENT_MS, moment.resolve);
    try {
      await Promise.race([work, moment.promise]);
    } finally {
      cancel();
    }
  }

  const stop = store.listen('outbox', wake);
  wake();

  return {
    async idle() {
      while (running !== null || slow.size > 0) await Promise.all([running, ...slow]);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      stop();
      cancelPoll();
      await running;
      await Promise.all(slow);
    },
  };
}

interface Chain {
  /** What was carried out; null: it goes on. */
  done: readonly LeasedEntry[] | null;
  ended: Promise<void>;
}

const BATCH = 100;
/** Longer than anything takes that only the database is needed for. */
const MOMENT_MS = 200;
const MOST_SLOW = 100;
const LEASE_MS = 60_000;
/** Notices can be lost with the process that would have sent them. */
const POLL_MS = 2000;

const NO_ENTRY: LeasedEntry = { id: 0, topic: '', key: '', body: '', attempts: 0, lease: '' };

/** From a second on, doubling, up to ten minutes. */
function pauseAfter(attempts: number): number {
  return Math.min(1000 * 2 ** Math.min(attempts, 10), 600_000);
}
