import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';

/**
 * A pool whose connections keep the statements prepared that are used again and again: reading and planning one costs
 * PostgreSQL more than most of them take to run. So between it and the server nothing may give a connection to
 * several clients in turn.
 */
export function preparedPool(pool: Pool): PostgresPool {
  const names = createNames();
  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const known = wrapped.get(client) ?? preparing(client, names);
      wrapped.set(client, known);
      return known;
    },
  };
}

/** A statement's name; undefined: it is not used often, and is not kept. */
type Names = (text: string, parameters: number) => string | undefined;

function createNames(): Names {
  const uses = new Map<string, number>();
  const names = new Map<string, string>();
  return (text, parameters) => {
    const name = names.get(text);
    if (name !== undefined) return name;
    // Long lists of values are of many lengths, and each would be a statement.
    if (parameters > MOST_PARAMETERS || names.size >= MOST_STATEMENTS) return undefined;
    const count = (uses.get(text) ?? 0) + 1;
    uses.delete(text);
    if (count < OFTEN) {
      uses.set(text, count);
      for (const oldest of uses.keys()) {
        if (uses.size <= MOST_STATEMENTS) break;
        uses.delete(oldest);
      }
      return undefined;
    }
    const made = `slipway_${names.size}`;
    names.set(text, made);
    return made;
  };
}

const OFTEN = 20;
const MOST_STATEMENTS = 200;
const MOST_PARAMETERS = 100;

function preparing(client: PoolClient, names: Names): PostgresPoolClient {
  let isInTransaction = false;
  let isStale = false;

  async function run(text: string, values: readonly unknown[]) {
    if (values.length === 0) isInTransaction = text === 'begin' || (isInTransaction && !ENDS.has(text));
    const name = isStale ? undefined : names(text, values.length);
    const query = { text, values: [...values] };
    if (name === undefined) return await client.query(query);
    try {
      return await client.query({ ...query, name });
    } catch (error) {
      if (!isPlanTooOld(error)) throw error;
      // Somebody has changed the tables. This connection's statements are good for nothing from now on.
      isStale = true;
      if (isInTransaction) throw new PlanTooOld('The tables were changed', { cause: error });
      return await client.query(query);
    }
  }

  async function answer<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const { command, rowCount, rows } = await run(text, values);
    return {
      command: COMMANDS.find((known) => known === command) ?? 'SELECT',
      rowCount: rowCount ?? 0,
      rows,
    };
  }

  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query<R>(asked: string | PostgresCursor<R>, values: readonly unknown[] = []) {
    return typeof asked === 'string' ? answer<R>(asked, values) : asked;
  }

  return {
    query,
    release: (destroy) => client.release(destroy === true || isStale),
  };
}

const ENDS: ReadonlySet<string> = new Set(['commit', 'rollback']);
const COMMANDS = ['UPDATE', 'DELETE', 'INSERT', 'SELECT', 'MERGE', 'COMMIT', 'ROLLBACK'] as const;

/** As PostgreSQL says it of transactions that are to be tried again. */
class PlanTooOld extends Error {
  readonly code = '40001';
}

function isPlanTooOld(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '0A000' &&
    error.message.includes('cached plan')
  );
}
