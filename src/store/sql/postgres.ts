import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { AppError } from '../../base/app-error.ts';
import type { Tables } from '../schema/tables.ts';
import { type Committed, type Store, TOPICS, type Topic, type Tx } from '../store.ts';
import { POSTGRES } from './dialect.ts';
import { createPostgresTopics } from './postgres-topics.ts';
import { preparedPool } from './prepared-statements.ts';

/** The database on a PostgreSQL server, 15 or newer. Throws an AppError `database-unusable`. */
export async function openPostgres(url: string, committed: Committed = () => undefined): Promise<Store> {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    application_name: 'slipway',
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
  });
  // A connection that dies while nobody uses it leaves the pool by itself; the next query gets another.
  pool.on('error', () => undefined);
  // One that is in use tells of its end twice: by the query that fails, and by an event that must be heard.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
  await checkServer(pool, url);
  const topics = createPostgresTopics(pool);

  async function attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const told = new Set<Topic>();
    const afterwards: (() => void)[] = [];
    let worked = 0;
    const value = await db.transaction().execute(async (trx) => {
      const answer = await work({
        db: trx,
        afterCommit: (callback) => afterwards.push(callback),
        tell: (topic) => told.add(topic),
      });
      worked = performance.now();
      return answer;
    });
    committed(1, performance.now() - worked);
    for (const callback of afterwards) callback();
    topics.tell(TOPICS.filter((topic) => told.has(topic)));
    return value;
  }

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    await topics.close();
    await db.destroy();
  }

  return {
    dialect: POSTGRES,
    read: (work) => work(db),
    write: (work) => againWhenInTheWay(() => attempt(work)),
    listen: topics.listen,
    [Symbol.asyncDispose]() {
      closing ??= close();
      return closing;
    },
  };
}

const MAX_CONNECTIONS = 20;
const INT8 = 20;
const MAX_ATTEMPTS = 20;

/** Two transactions were in each other's way and PostgreSQL has undone one of them: serialization failure, deadlock. */
const IN_THE_WAY = new Set(['40001', '40P01']);

async function againWhenInTheWay<T>(attempt: () => Promise<T>): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!IN_THE_WAY.has(codeOf(error)) || number === MAX_ATTEMPTS) throw error;
    }
    // Longer each time, and never for as long as the other one waits.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** number, 200)));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

async function checkServer(pool: Pool, url: string): Promise<void> {
  try {
    const { rows } = await pool.query("select current_setting('server_version_num')::int as version");
    const version: unknown = rows[0]?.version;
    if (typeof version !== 'number' || version < OLDEST)
      throw new Error(`version ${version} is older than 15`);
  } catch (cause) {
    await pool.end();
    const reason = cause instanceof Error ? cause.message || codeOf(cause) : String(cause);
    throw new AppError(
      'database-unusable',
      `The database ${withoutPassword(url)} cannot be used: ${reason}.`,
      {
        hint: 'Slipway needs PostgreSQL 15 or newer, and a database in which it may make tables.',
        cause,
      },
    );
  }
}

const OLDEST = 150_000;

/** As it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}
