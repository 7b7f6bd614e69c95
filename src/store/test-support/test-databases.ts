import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';

/** Makes new databases of one kind; the contract suites run on each kind there is. */
export interface TestDatabases {
  readonly name: string;
  /** What `openStore` takes. The database is removed when the test is over. */
  create(): Promise<string>;
}

export const sqliteDatabases: TestDatabases = {
  name: 'SQLite',
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-store-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return folder;
  },
};

/** A store on a new database, or on the one given; closed when the test is over. */
export async function testStore(databases: TestDatabases, database?: string): Promise<Store> {
  const store = await openStore({ database: database ?? (await databases.create()) });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}
