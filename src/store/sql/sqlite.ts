import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Tables } from '../schema/tables.ts';
import type { Committed, Db, Store } from '../store.ts';
import { SQLITE } from './dialect.ts';
import { createGroupCommit } from './group-commit.ts';
import { createLocalTopics } from './local-topics.ts';
import { kyselyDatabase } from './sqlite-statements.ts';

/**
 * The database in a folder: one connection that writes, in groups, and one that reads. In WAL mode neither waits for
 * the other. Throws an AppError `database-unusable`.
 */
export async function openSqlite(
  folder: string,
  clock: Clock,
  committed: Committed = () => undefined,
): Promise<Store> {
  const path = join(folder, 'slipway.db');
  const { writer, reader } = await openFile(folder, path);
  const writing = dbOf(writer);
  const reading = dbOf(reader);
  const topics = createLocalTopics(reader, clock);
  const commits = createGroupCommit({ connection: writer, db: writing, clock, committed, tell: topics.tell });
  return {
    dialect: SQLITE,
    read: (work) => work(reading),
    write: commits.write,
    listen: topics.listen,
    async [Symbol.asyncDispose]() {
      await commits.close();
      topics.close();
      for (const connection of [reader, writer]) if (connection.isOpen) connection.close();
    },
  };
}

async function openFile(folder: string, path: string) {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const writer = new DatabaseSync(path, { timeout: OPENING_MILLISECONDS });
    // FULL: a commit is answered when it is on the disk, not when the system has it in memory.
    writer.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    // From here on a busy database is waited for without holding up the process, see group-commit.ts.
    writer.exec('pragma busy_timeout = 0; pragma cache_size = -32000; pragma temp_store = memory');
    const reader = new DatabaseSync(path, { timeout: OPENING_MILLISECONDS });
    reader.exec('pragma query_only = on; pragma cache_size = -32000; pragma temp_store = memory');
    return { writer, reader };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('database-unusable', `The database ${path} cannot be opened: ${reason}.`, {
      hint: 'Look at the folder, who may write to it, and how full its disk is.',
      cause,
    });
  }
}

const OPENING_MILLISECONDS = 5000;

function dbOf(connection: DatabaseSync): Db {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(connection) }) });
}
