import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  bytesOfRow,
  type Cell,
  noDatabase,
  PART_BYTES,
  type Row,
  SCHEMA_TABLE,
  type Snapshot,
} from './snapshot.ts';

/**
 * A read transaction: in WAL mode it sees the database as it was when it began, and no writer waits for it. The log
 * cannot be folded into the database meanwhile, so it is closed as soon as everything has been read.
 */
export async function openSqliteSnapshot(folder: string): Promise<Snapshot> {
  const path = join(folder, 'slipway.db');
  if (!existsSync(path)) throw noDatabase(path, 'there is no such file');
  const connection = new DatabaseSync(path, { timeout: 30_000 });
  try {
    // Not opened read-only: a database that nobody has open may need its log recovered before it can be read.
    connection.exec('pragma query_only = on; begin');
    const schema = connection.prepare(`select count(*) as n from ${SCHEMA_TABLE}`).get()?.n;
    const tables = [...tableNames(connection)].map((name) => ({
      name,
      columns: columnsOf(connection, name),
    }));
    return {
      dialect: 'sqlite',
      schema: Number(schema),
      tables,
      read: (query) => parts(connection, query),
      async counters() {
        const rows = connection.prepare('select name, seq from sqlite_sequence').all();
        return Object.fromEntries(rows.map(({ name, seq }) => [String(name), Number(seq)]));
      },
      async [Symbol.asyncDispose]() {
        if (connection.isOpen) connection.close();
      },
    };
  } catch (cause) {
    connection.close();
    throw noDatabase(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function* tableNames(connection: DatabaseSync): Generator<string> {
  const query = `select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by rowid`;
  for (const { name } of connection.prepare(query).all()) yield String(name);
}

function columnsOf(connection: DatabaseSync, table: string) {
  return connection
    .prepare('select name, type from pragma_table_info(?) order by cid')
    .all(table)
    .map(({ name, type }) => ({ name: String(name), bytes: String(type).toLowerCase() === 'blob' }));
}

async function* parts(connection: DatabaseSync, query: string): AsyncGenerator<readonly Row[]> {
  let part: Row[] = [];
  let bytes = 0;
  for (const found of connection.prepare(query).iterate()) {
    const row = rowOf(found);
    part.push(row);
    bytes += bytesOfRow(row);
    if (bytes < PART_BYTES && part.length < MAX_ROWS) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

const MAX_ROWS = 5000;

function rowOf(found: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array)
    return value;
  throw new TypeError(`The database answered with a value of type ${typeof value}`);
}
