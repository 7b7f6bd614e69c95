import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Committed, Db, Topic, Tx } from '../store.ts';

export interface GroupCommit {
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Ends what was asked for; further writes are refused. */
  close(): Promise<void>;
}

interface Parts {
  readonly connection: DatabaseSync;
  readonly db: Db;
  readonly clock: Clock;
  readonly committed: Committed;
  tell(topics: ReadonlySet<Topic>): void;
}

/** A write that waits for its turn. */
interface Asked {
  run(): Promise<Ran>;
  refuse(error: unknown): void;
}

/** A write that has been done in the group's transaction, and waits for the commit. */
interface Ran {
  /** Its work threw: it is to be undone. */
  readonly failed: boolean;
  readonly topics: ReadonlySet<Topic>;
  answer(): void;
  refuse(error: unknown): void;
}

/**
 * Writes that are asked for while others are being committed go to the disk together: one transaction with a
 * savepoint for each, so that one which fails undoes only itself, and one fsync for all. None is answered before it.
 * Nobody is kept waiting for company that does not come: a write that comes alone, after others that came alone, is
 * committed at once. Where there is company, those who ask for more while the process waited for the disk are given half
 * as long to come; the slower the disk, the more go together.
 */
export function createGroupCommit({ connection, db, clock, committed, tell }: Parts): GroupCommit {
  const waiting: Asked[] = [];
  let running: Promise<void> | null = null;
  let closed = false;
  /** Whether there was more than one in the last group. */
  let inCompany = false;
  let lastCommitMs = 0;

  function write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new Error('The database is closed'));
    return new Promise<T>((resolve, reject) => {
      waiting.push({ run: () => runWork(db, work, resolve, reject), refuse: reject });
      running ??= drain();
    });
  }

  async function drain(): Promise<void> {
    // Whoever comes in the same turn of the event loop asks first.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      if (inCompany || waiting.length > 1) await pause(clock, Math.min(lastCommitMs / 2, MOST_PAUSE));
      await commitGroup();
    }
    running = null;
  }

  async function commitGroup(): Promise<void> {
    const inHand: (Asked | Ran)[] = [];
    const done: Ran[] = [];
    try {
      await begin(connection, clock);
      const started = clock.elapsed();
      do {
        const asked = waiting.shift();
        if (asked === undefined) break;
        inHand.push(asked);
        done.push(await runInSavepoint(connection, asked));
      } while (done.length < MAX_GROUP && clock.elapsed() - started < MAX_MILLISECONDS);
      const before = clock.elapsed();
      connection.exec('commit');
      lastCommitMs = clock.elapsed() - before;
      inCompany = done.length > 1;
      committed(done.length, lastCommitMs);
    } catch (cause) {
      if (connection.isTransaction) connection.exec('rollback');
      const error = unwritable(cause);
      // When not even the first could be taken up, it is refused; the others try on their own.
      if (inHand.length === 0) waiting.shift()?.refuse(error);
      for (const one of [...inHand.slice(done.length), ...done]) one.refuse(error);
      return;
    }
    tell(new Set(done.flatMap(({ failed, topics }) => (failed ? [] : [...topics]))));
    for (const one of done) one.answer();
  }

  return {
    write,
    async close() {
      closed = true;
      await running;
    },
  };
}

function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });
}

const MOST_PAUSE = 10;
const MAX_GROUP = 500;
/** What one group may take before those in it get their answers. */
const MAX_MILLISECONDS = 20;

async function runWork<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  resolve: (value: T) => void,
  refuse: (error: unknown) => void,
): Promise<Ran> {
  const topics = new Set<Topic>();
  const afterwards: (() => void)[] = [];
  const tx: Tx = {
    db,
    afterCommit: (callback) => afterwards.push(callback),
    tell: (topic) => topics.add(topic),
  };
  try {
    const value = await work(tx);
    const answer = () => {
      for (const callback of afterwards) callback();
      resolve(value);
    };
    return { failed: false, topics, answer, refuse };
  } catch (error) {
    return { failed: true, topics, answer: () => refuse(error), refuse };
  }
}

/** Throws when SQLite itself has given up the whole transaction, as it does when the disk is full. */
async function runInSavepoint(connection: DatabaseSync, asked: Asked): Promise<Ran> {
  connection.exec('savepoint one');
  const ran = await asked.run();
  if (!connection.isTransaction) throw new Error('the transaction was given up');
  connection.exec(ran.failed ? 'rollback to one; release one' : 'release one');
  return ran;
}

/** Waits for another process that writes, or another connection of this one: so the wait must not hold up the process. */
async function begin(connection: DatabaseSync, clock: Clock): Promise<void> {
  const started = clock.elapsed();
  for (let milliseconds = 1; ; milliseconds = Math.min(milliseconds * 2, 20)) {
    try {
      connection.exec('begin immediate');
      return;
    } catch (error) {
      if (!isBusy(error) || clock.elapsed() - started > PATIENCE_MILLISECONDS) throw error;
    }
    await pause(clock, milliseconds);
  }
}

const PATIENCE_MILLISECONDS = 30_000;
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function unwritable(cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('database-unwritable', `The database cannot be written: ${reason}.`, {
    hint: 'Nothing was changed. Look at how full the disk is, and whether another process holds the database.',
    cause,
  });
}
