import { type Clock, systemClock } from '../base/clock.ts';
import { migrate } from './schema/migrate.ts';
import { openSqlite } from './sql/sqlite.ts';
import type { Committed, Store } from './store.ts';

export interface StoreOptions {
  /** `postgres://…`, or a folder in which an SQLite database is kept. */
  readonly database: string;
  readonly clock?: Clock;
  /** Told of each commit: how many writes were in it, and how long it took. */
  readonly committed?: Committed;
}

/**
 * Opens the database, makes it when there is none, and brings it up to this program's schema; several processes may
 * do that at once. Throws an AppError: `database-unusable` when it cannot be opened, `database-too-new` when a newer
 * program has been at work in it.
 */
export async function openStore({
  database,
  clock = systemClock,
  committed = () => undefined,
}: StoreOptions): Promise<Store> {
  const store = /^postgres(ql)?:\/\//.test(database)
    ? await (await import('./sql/postgres.ts')).openPostgres(database, committed)
    : await openSqlite(database, clock, committed);
  try {
    await migrate(store, clock);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}
