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
    const done: LeasedEntry[] = [];
    const byKey = Map.groupBy(entries, ({ key }) => key);
    await Promise.all(
      Array.from(byKey.values(), async (chain) => {
        for (const entry of chain) {
          try {
            await options.carryOut(entry);
            done.push(entry);
          } catch (error) {
            failed(error, entry);
            await outbox.later(entry, pauseAfter(entry.attempts));
            return;
          }
        }
      }),
    );
    if (done.length > 0) await outbox.done(done);
  }

  const stop = store.listen('outbox', wake);
  wake();

  return {
    async idle() {
      while (running !== null) await running;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      stop();
      cancelPoll();
      await running;
    },
  };
}

const BATCH = 100;
const LEASE_MS = 60_000;
/** Notices can be lost with the process that would have sent them. */
const POLL_MS = 2000;

const NO_ENTRY: LeasedEntry = { id: 0, topic: '', key: '', body: null, attempts: 0, lease: '' };

/** From a second on, doubling, up to ten minutes. */
function pauseAfter(attempts: number): number {
  return Math.min(1000 * 2 ** Math.min(attempts, 10), 600_000);
}
