import type { Kysely } from 'kysely';
import type { Tables } from './schema/tables.ts';
import type { Dialect } from './sql/dialect.ts';

/** Queries of either database. What `read` and `write` give to their work is good until that work has ended. */
export type Db = Kysely<Tables>;

/**
 * The server's database: SQLite in a folder, or PostgreSQL. Several processes may have one database open.
 *
 * `write` answers when what it did is on the disk, and only then; until that, nobody else has seen it. A process that
 * dies before has done all of it or none. Writes that overlap are put in one order. `read` sees what had been
 * acknowledged when it began, and waits for no writer.
 */
export interface Store extends AsyncDisposable {
  readonly dialect: Dialect;
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /**
   * One transaction. What `work` throws undoes it, and is thrown. `work` may be run again from the beginning when
   * PostgreSQL could not fit it in between others, so it changes nothing outside but by `afterCommit`. On SQLite all
   * writers wait while it runs: it must not wait for anything but its own queries.
   */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Calls back, soon, after a transaction of any process has told of this topic (`tell`). A call may stand for
   * several, may come without need, and is missing when the other process died at the wrong moment: it saves waiting,
   * and whoever relies on it looks by himself now and then. Answers with what ends it.
   */
  listen(topic: Topic, heard: () => void): () => void;
}

/** A transaction that is being worked in. */
export interface Tx {
  readonly db: Db;
  /** Calls `work` when the transaction is on the disk; never when it is undone. It must not throw. */
  afterCommit(work: () => void): void;
  /** Wakes, after the commit, whoever listens for this topic, in all processes. */
  tell(topic: Topic): void;
}

/**
 * `queue`: a job waits for a runner, or has ceased to. `outbox`: something is to be carried out. `timers`: one was set.
 * `runners`: one was changed or removed, or has another token.
 */
export type Topic = (typeof TOPICS)[number];

export const TOPICS = ['queue', 'outbox', 'timers', 'runners'] as const;

/** Told of each commit: how many writes were in it, and how long it took. It must not throw. */
export type Committed = (writes: number, milliseconds: number) => void;
