import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { ALONE } from '../sql/dialect.ts';
import type { Store, Tx } from '../store.ts';

export interface Timer {
  readonly kind: string;
  /** One timer of a kind and key at a time: setting it again moves it. */
  readonly key: string;
  readonly dueAt: number;
  /** As the kind of work writes it. */
  readonly body: string;
}

export interface LeasedTimer extends Timer {
  readonly lease: string;
}

/** Moments at which something is to be done, once at least, by any of the processes. Times are milliseconds since 1970. */
export interface Timers {
  set(tx: Tx, timer: Timer): Promise<void>;
  cancel(tx: Tx, kind: string, key: string): Promise<void>;
  /** The earliest that are due and that nobody has taken. */
  take(limit: number, leaseMilliseconds: number): Promise<readonly LeasedTimer[]>;
  /** It is done. False when it was set again, canceled, or taken by another meanwhile. */
  done(timer: LeasedTimer): Promise<boolean>;
  /** When the next one is due; null when none is set. */
  next(): Promise<number | null>;
}

/** More than any lease. */
const LONGEST_LEASE_MS = 3600_000;

export function createTimers(store: Store, clock: Clock): Timers {
  return {
    async set({ db, tell }, { kind, key, dueAt, body }) {
      const values = { due_at: dueAt, body, lease: null, leased_until: null };
      await db
        .insertInto('timers')
        .values({ kind, key, ...values })
        .onConflict((conflict) => conflict.columns(['kind', 'key']).doUpdateSet(values))
        .execute();
      tell('timers');
    },

    async cancel({ db }, kind, key) {
      await db.deleteFrom('timers').where('kind', '=', kind).where('key', '=', key).execute();
    },

    take: (limit, leaseMilliseconds) =>
      store.write(async ({ db }) => {
        await store.dialect.beAlone(db, ALONE.timers);
        const now = clock.now();
        const due = await db
          .selectFrom('timers')
          .select(['kind', 'key', 'due_at', 'body'])
          .where('due_at', '<=', now)
          .where((row) =>
            row.or([
              row('leased_until', 'is', null),
              row('leased_until', '<=', now),
              // Of a time when the clock was ahead.
              row('leased_until', '>', now + LONGEST_LEASE_MS),
            ]),
          )
          .orderBy('due_at')
          .limit(limit)
          .execute();
        const lease = randomUUID();
        for (const { kind, key } of due) {
          await db
            .updateTable('timers')
            .set({ lease, leased_until: now + leaseMilliseconds })
            .where('kind', '=', kind)
            .where('key', '=', key)
            .execute();
        }
        return due.map(({ kind, key, due_at, body }) => ({ kind, key, dueAt: due_at, body, lease }));
      }),

    done: ({ kind, key, lease }) =>
      store.write(async ({ db }) => {
        const { numDeletedRows } = await db
          .deleteFrom('timers')
          .where('kind', '=', kind)
          .where('key', '=', key)
          .where('lease', '=', lease)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),

    next: () =>
      store.read(async (db) => {
        const row = await db
          .selectFrom('timers')
          .select('due_at')
          .orderBy('due_at')
          .limit(1)
          .executeTakeFirst();
        return row?.due_at ?? null;
      }),
  };
}
