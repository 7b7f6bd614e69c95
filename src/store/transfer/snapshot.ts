import { AppError } from '../../base/app-error.ts';

/** What a column holds: both databases know no more than this of our values. */
export type Cell = string | number | null | Uint8Array;

export type Row = Readonly<Record<string, Cell>>;

export interface TableShape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly bytes: boolean }[];
}

/**
 * The database as it was at one moment, whatever is written to it meanwhile. Nothing in it is changed, not even its
 * schema: it may be that of an older program, or of a newer one.
 */
export interface Snapshot extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres';
  /** The number of its newest migration. */
  readonly schema: number;
  /** In the order they were made, so that a table comes after those it refers to. */
  readonly tables: readonly TableShape[];
  /** The answer to a query, in parts of about a megabyte. */
  read(query: string): AsyncIterable<readonly Row[]>;
  /** The highest number that was given to a row of each table, whether that row is still there or not. */
  counters(): Promise<Readonly<Record<string, number>>>;
}

/** The table that says which schema the database has; whoever fills another database writes its own. */
export const SCHEMA_TABLE = 'schema_migrations';

export function noDatabase(where: string, reason: string, cause?: unknown): AppError {
  return new AppError('database-unusable', `The database ${where} cannot be read: ${reason}.`, {
    hint: 'Give the data folder or the address that the server is started with.',
    cause,
  });
}

/** About as many bytes as the values take. */
export function bytesOfRow(row: Row): number {
  let sum = 0;
  for (const cell of Object.values(row)) {
    sum += typeof cell === 'string' || cell instanceof Uint8Array ? cell.length : 8;
  }
  return sum;
}

export const PART_BYTES = 1024 * 1024;
