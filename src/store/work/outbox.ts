import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { ALONE } from '../sql/dialect.ts';
import type { Db, Store, Tx } from '../store.ts';

/** Something to be carried out because of a transaction, written in that transaction. */
export interface OutboxEntry {
  readonly topic: string;
  /** Entries of one topic and key are carried out one after the other, in the order they were written. */
  readonly key: string;
  /** As the kind of work that the topic is named after writes it. */
  readonly body: string;
}

export interface LeasedEntry extends OutboxEntry {
  readonly id: number;
  /** How often it was taken before. */
  readonly attempts: number;
  readonly lease: string;
}

/**
 * What follows from changes: each entry is carried out at least once, by any of the processes. One takes entries for a
 * while (`take`), carries them out, and says so (`done`); when it dies, another takes them when the while is over. An
 * entry may therefore be carried out twice, and must bear it.
 */
export interface Outbox {
  append(tx: Tx, entries: readonly OutboxEntry[]): Promise<void>;
  /**
   * The oldest that nobody has taken. Several of one key may be among them; carry those out one after the other. None of
   * a key is given out while somebody else has an older one.
   */
  take(topic: string, limit: number, leaseMilliseconds: number): Promise<readonly LeasedEntry[]>;
  /** They are carried out. Answers how many: fewer when the lease had run out, and others have taken them. */
  done(entries: readonly LeasedEntry[]): Promise<number>;
  /**
   * It could not be carried out, and is tried again after a while; what was taken with it and stands behind it is given
   * back, and waits. False when the lease had run out.
   */
  later(entry: LeasedEntry, milliseconds: number): Promise<boolean>;
}

export function createOutbox(store: Store, clock: Clock): Outbox {
  const { dialect } = store;
  return {
    async append(tx, entries) {
      const now = clock.now();
      const perStatement = Math.floor(dialect.maxParameters / 6);
      for (let from = 0; from < entries.length; from += perStatement) {
        const rows = entries.slice(from, from + perStatement).map(({ topic, key, body }) => ({
          topic,
          key,
          body,
          attempts: 0,
          // At once, whatever the clock says by then.
          due_at: 0,
          created_at: now,
        }));
        await tx.db.insertInto('outbox').values(rows).execute();
      }
      if (entries.length > 0) tx.tell('outbox');
    },

    take: (topic, limit, leaseMilliseconds) =>
      store.write(async ({ db }) => {
        // Two that took at once could each get entries of one key.
        await dialect.beAlone(db, ALONE.outbox);
        const now = clock.now();
        const free = await freeEntries(db, topic, limit, now);
        if (free.length === 0) return [];
        const lease = randomUUID();
        await db
          .updateTable('outbox')
          .set((row) => ({
            lease,
            leased_until: now + leaseMilliseconds,
            attempts: row('attempts', '+', 1),
          }))
          .where('id', 'in', idsOf(free))
          .execute();
        return free.map((entry) => ({ ...entry, lease }));
      }),

    done: (entries) =>
      store.write(async ({ db, tell }) => {
        const [first] = entries;
        if (first === undefined) return 0;
        const { numDeletedRows } = await db
          .deleteFrom('outbox')
          .where('id', 'in', idsOf(entries))
          .where('lease', 'in', [...new Set(entries.map(({ lease }) => lease))])
          .executeTakeFirst();
        // What waited behind them may be carried out now.
        tell('outbox');
        return Number(numDeletedRows);
      }),

    later: ({ id, topic, key, lease }, milliseconds) =>
      store.write(async ({ db }) => {
        const free = { lease: null, leased_until: null };
        const { numUpdatedRows } = await db
          .updateTable('outbox')
          .set({ ...free, due_at: clock.now() + milliseconds })
          .where('id', '=', id)
          .where('lease', '=', lease)
          .executeTakeFirst();
        await db
          .updateTable('outbox')
          .set(free)
          .where('topic', '=', topic)
          .where('key', '=', key)
          .where('id', '>', id)
          .where('lease', '=', lease)
          .execute();
        return numUpdatedRows > 0n;
      }),
  };
}

/**
 * In their order, and none behind one of its key that somebody has taken or that is put off. A moment that is further away than
 * anybody puts off was written while the clock was ahead, and is over.
 */
function freeEntries(db: Db, topic: string, limit: number, now: number) {
  const furthest = now + LONGEST_MS;
  return db
    .selectFrom('outbox as entry')
    .select(['id', 'topic', 'key', 'body', 'attempts'])
    .where('topic', '=', topic)
    .where((row) => row.or([row('due_at', '<=', now), row('due_at', '>', furthest)]))
    .where((row) =>
      row.or([
        row('leased_until', 'is', null),
        row('leased_until', '<=', now),
        row('leased_until', '>', furthest),
      ]),
    )
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom('outbox as older')
            .select('older.id')
            .whereRef('older.topic', '=', 'entry.topic')
            .whereRef('older.key', '=', 'entry.key')
            .whereRef('older.id', '<', 'entry.id')
            .where((other) =>
              other.or([
                other.between('older.leased_until', now + 1, furthest),
                other.between('older.due_at', now + 1, furthest),
              ]),
            ),
        ),
      ),
    )
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** More than any lease, and than anything is put off (ten minutes, outbox-worker.ts). */
const LONGEST_MS = 3600_000;

function idsOf(entries: readonly { readonly id: number }[]): number[] {
  return entries.map(({ id }) => id);
}
