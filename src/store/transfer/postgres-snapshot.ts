import { Client, types } from 'pg';
import { withoutPassword } from '../sql/postgres.ts';
import {
  bytesOfRow,
  type Cell,
  noDatabase,
  PART_BYTES,
  type Row,
  SCHEMA_TABLE,
  type Snapshot,
} from './snapshot.ts';

/** A transaction that reads everything as it was at its first query, through cursors. */
export async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const client = new Client({
    connectionString: url,
    application_name: 'slipway backup',
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
  });
  // A connection that is lost fails the query that waits for it; without this it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows } = await client.query(`select count(*) as n from ${SCHEMA_TABLE}`);
    return {
      dialect: 'postgres',
      schema: Number(rows[0]?.n),
      tables: await tablesOf(client),
      read: (query) => parts(client, query),
      counters: () => countersOf(client),
      [Symbol.asyncDispose]: () => client.end(),
    };
  } catch (cause) {
    await client.end();
    throw noDatabase(withoutPassword(url), cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const INT8 = 20;

async function tablesOf(client: Client): Promise<Snapshot['tables']> {
  const { rows } = await client.query(
    `select c.relname as name, a.attname as "column", a.atttypid = 'bytea'::regtype as bytes
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      order by c.oid, a.attnum`,
  );
  const byTable = Map.groupBy(rows, ({ name }) => String(name));
  return Array.from(byTable, ([name, columns]) => ({
    name,
    columns: columns.map(({ column, bytes }) => ({ name: String(column), bytes: bytes === true })),
  }));
}

let cursors = 0;

async function* parts(client: Client, query: string): AsyncGenerator<readonly Row[]> {
  cursors += 1;
  const cursor = `slipway_${cursors}`;
  await client.query(`declare ${cursor} no scroll cursor for ${query}`);
  // A row may be some bytes or a plan of a megabyte, so what came last says how many to ask for.
  let wanted = 16;
  for (;;) {
    const { rows } = await client.query(`fetch ${wanted} from ${cursor}`);
    if (rows.length === 0) break;
    const part = rows.map(rowOf);
    const bytes = part.reduce((sum, row) => sum + bytesOfRow(row), 0);
    yield part;
    wanted = Math.min(
      MAX_ROWS,
      Math.max(1, Math.floor((PART_BYTES / Math.max(1, bytes)) * part.length)),
      wanted * 4,
    );
  }
  await client.query(`close ${cursor}`);
}

const MAX_ROWS = 5000;

async function countersOf(client: Client): Promise<Readonly<Record<string, number>>> {
  const { rows } = await client.query(
    `select t.relname as name, pg_sequence_last_value(s.oid) as last
       from pg_class s
       join pg_depend d on d.objid = s.oid and d.deptype = 'i' and d.classid = 'pg_class'::regclass
       join pg_class t on t.oid = d.refobjid
      where s.relkind = 'S' and t.relnamespace = current_schema()::regnamespace`,
  );
  const used = rows.filter(({ last }) => last !== null);
  return Object.fromEntries(used.map(({ name, last }) => [String(name), Number(last)]));
}

function rowOf(found: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array)
    return value;
  throw new TypeError(`The database answered with a value of type ${typeof value}`);
}
