import { type RawBuilder, sql } from 'kysely';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import { migrate } from '../schema/migrate.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { openSqlite } from '../sql/sqlite.ts';
import type { Db, Store } from '../store.ts';
import { isPostgres } from './open-snapshot.ts';
import { type Cell, SCHEMA_TABLE } from './snapshot.ts';

/** Takes the rows of a database, table by table in the order that a snapshot gives them. */
export interface Intake {
  /** Throws an AppError `backup-damaged` for a table or a column that this schema does not have. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void>;
  /** The next row of each table gets a higher number than this. */
  count(counters: Readonly<Record<string, number>>): Promise<void>;
  readonly db: Db;
}

/**
 * Fills a database that is new or empty with rows that had the given schema, and brings it to this program's. All of
 * it is one transaction: until `fill` has ended nobody sees anything of it, and what it throws undoes it. Throws an
 * AppError: `database-not-empty`, `backup-too-new`, or `database-unusable`.
 */
export async function fillDatabase<T>(
  { database, schema, clock }: { readonly database: string; readonly schema: number; readonly clock: Clock },
  fill: (intake: Intake) => Promise<T>,
): Promise<T> {
  if (schema > MIGRATIONS.length) throw tooNew(schema);
  await using store = isPostgres(database)
    ? await (await import('../sql/postgres.ts')).openPostgres(database)
    : await openSqlite(database, clock);
  await refuseRows(store);
  await migrate(store, clock, MIGRATIONS.slice(0, schema)).catch((error: unknown) => {
    // It was made by a newer program and never used.
    throw error instanceof AppError && error.code === 'database-too-new'
      ? notEmpty('its schema is newer')
      : error;
  });
  const known = await columnsOf(store);
  let begun = false;
  const value = await store.write(async ({ db }) => {
    // What is read from cannot be read again.
    if (begun) throw new Error('The database was written to by somebody else meanwhile');
    begun = true;
    return await fill(intakeOf(store, db, known));
  });
  await migrate(store, clock);
  return value;
}

function intakeOf(store: Store, db: Db, known: ReadonlyMap<string, ReadonlySet<string>>): Intake {
  return {
    db,
    async insert(table, columns, rows) {
      const own = known.get(table);
      const stranger = columns.find((column) => own?.has(column) !== true);
      if (own === undefined || stranger !== undefined || table === SCHEMA_TABLE) {
        throw new AppError(
          'backup-damaged',
          `The backup has rows of ${table} that its schema has no place for.`,
        );
      }
      const atOnce = Math.max(
        1,
        Math.min(MAX_ROWS, Math.floor(store.dialect.maxParameters / columns.length)),
      );
      const names = sql.join(columns.map((column) => sql.ref(column)));
      for (let from = 0; from < rows.length; from += atOnce) {
        const values = rows.slice(from, from + atOnce).map((row) => sql`(${sql.join(row)})`);
        await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(db);
      }
    },
    async count(counters) {
      for (const [table, last] of Object.entries(counters)) {
        if (known.has(table)) for (const query of countFrom(store, table, last)) await query.execute(db);
      }
    },
  };
}

/** Of the same statement with fewer rows there should be few: each is prepared once. */
const MAX_ROWS = 200;

function countFrom({ dialect }: Store, table: string, last: number): readonly RawBuilder<unknown>[] {
  if (dialect.name === 'postgres') {
    return [sql`select setval(pg_get_serial_sequence(quote_ident(${table}), 'id'), ${last})`];
  }
  return [
    sql`delete from sqlite_sequence where name = ${table}`,
    sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`,
  ];
}

/** Of our own tables: on a PostgreSQL server others may have theirs in the same database. */
async function columnsOf(store: Store): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const tables = await store.read((db) => db.introspection.getTables());
  const schema = store.dialect.name === 'postgres' ? await currentSchema(store) : undefined;
  const own = tables.filter((table) => schema === undefined || table.schema === schema);
  return new Map(own.map(({ name, columns }) => [name, new Set(columns.map((column) => column.name))]));
}

async function currentSchema(store: Store): Promise<string | undefined> {
  const { rows } = await store.read((db) =>
    sql<{ schema: string }>`select current_schema() as schema`.execute(db),
  );
  return rows[0]?.schema;
}

async function refuseRows(store: Store): Promise<void> {
  const tables = await columnsOf(store);
  for (const name of tables.keys()) {
    if (name === SCHEMA_TABLE) continue;
    const { rows } = await store.read((db) => sql`select 1 from ${sql.table(name)} limit 1`.execute(db));
    if (rows.length > 0) throw notEmpty(`${name} has rows`);
  }
}

function notEmpty(why: string): AppError {
  return new AppError('database-not-empty', `The database is not empty: ${why}.`, {
    hint: 'A backup is restored into a new database, so that nothing is lost by it: make one, and name it.',
  });
}

function tooNew(schema: number): AppError {
  return new AppError(
    'backup-too-new',
    `The backup has schema ${schema}, and this program knows only up to ${MIGRATIONS.length}.`,
    { hint: 'Restore it with the version of Slipway that made it, or a newer one.' },
  );
}
