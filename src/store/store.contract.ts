import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { openStore } from './index.ts';
import { migrate } from './schema/migrate.ts';
import { MIGRATIONS } from './schema/migrations.ts';
import type { Db, Store } from './store.ts';
import { type TestDatabases, testStore } from './test-support/test-databases.ts';

/** What every database does for the rest of the program. */
export function describeStore(databases: TestDatabases): void {
  describe(`the store on ${databases.name}`, () => {
    it('keeps what was written when it is opened again', async () => {
      const database = await databases.create();
      await using first = await openStore({ database });
      await first.write(({ db }) => addProject(db, 'a'));
      await first[Symbol.asyncDispose]();
      expect(await pathsIn(await testStore(databases, database))).toEqual(['a']);
    });

    it('undoes a write that throws, and none of those beside it', async () => {
      const store = await testStore(databases);
      const writes = ['a', 'b', 'c', 'd'].map((path) =>
        store.write(async ({ db }) => {
          await addProject(db, path);
          if (path === 'b') throw new Error('changed my mind');
          if (path === 'c') await addProject(db, 'a'); // There is one already.
        }),
      );
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      expect(await pathsIn(store)).toEqual(['a', 'd']);
    });

    it('shows nobody what is not committed, and the rest as soon as it was answered', async () => {
      const store = await testStore(databases);
      await store.write(async ({ db }) => {
        await addProject(db, 'a');
        expect(await pathsIn(store)).toEqual([]);
        expect(await db.selectFrom('projects').select('path').execute()).toHaveLength(1);
      });
      expect(await pathsIn(store)).toEqual(['a']);
    });

    it('says after the commit, and only then, that it is done', async () => {
      const store = await testStore(databases);
      const said: string[] = [];
      await store.write(async ({ db, afterCommit }) => {
        afterCommit(() => said.push('committed'));
        await addProject(db, 'a');
        said.push('worked');
      });
      const undone = store.write(async ({ afterCommit }) => {
        afterCommit(() => said.push('never'));
        throw new Error('no');
      });
      await expect(undone).rejects.toThrow('no');
      expect(said).toEqual(['worked', 'committed']);
    });

    it('puts writes of two openings into one order, and loses none', async () => {
      const database = await databases.create();
      const stores = [await testStore(databases, database), await testStore(databases, database)] as const;
      await stores[0].write(({ db }) => addProject(db, 'a'));
      const writes = Array.from({ length: 30 }, () =>
        stores.map((store) => store.write(({ db }) => count(db))),
      );
      await Promise.all(writes.flat());
      const [project] = await projectsIn(stores[1]);
      expect(project?.last_pipeline_iid).toBe(60);
    });

    it('is brought up to its schema once by several that open it at the same time', async () => {
      const database = await databases.create();
      const [store] = await Promise.all([
        testStore(databases, database),
        testStore(databases, database),
        testStore(databases, database),
        testStore(databases, database),
      ]);
      const applied = await stepsIn(store);
      expect(applied).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
    });

    it('applies further steps, all or none of them', async () => {
      const store = await testStore(databases);
      const next = { name: 'next', statements: () => ['create table further (a text)'] };
      const broken = { name: 'broken', statements: () => ['this is no SQL'] };
      await expect(migrate(store, systemClock, [...MIGRATIONS, next, broken])).rejects.toThrow(
        /syntax error/,
      );
      await migrate(store, systemClock, [...MIGRATIONS, next]);
      const applied = await stepsIn(store);
      expect(applied.at(-1)?.name).toBe('next');
      expect(applied).toHaveLength(MIGRATIONS.length + 1);
    });

    it('refuses a database in which a newer program has been at work', async () => {
      const database = await databases.create();
      const store = await testStore(databases, database);
      const row = { version: MIGRATIONS.length + 1, name: 'of the future', applied_at: 0 };
      await store.write(({ db }) => db.insertInto('schema_migrations').values(row).execute());
      await expect(openStore({ database })).rejects.toMatchObject({ code: 'database-too-new' });
    });

    it('calls those who listen, in this opening and in others', async () => {
      const database = await databases.create();
      const stores = [await testStore(databases, database), await testStore(databases, database)];
      const heard = stores.map((store) => heardOnce(store, 'queue'));
      // A listener of another process may need a moment before it hears: so it is told until it does.
      const all = Promise.all(heard).then(() => 'heard');
      let path = 0;
      while ((await Promise.race([all, pause(100)])) !== 'heard') {
        path += 1;
        await stores[0]?.write(async ({ db, tell }) => {
          await addProject(db, `p${path}`);
          tell('queue');
        });
      }
    });

    it('refuses writes after it was closed', async () => {
      const store = await openStore({ database: await databases.create() });
      await store[Symbol.asyncDispose]();
      await expect(store.write(({ db }) => addProject(db, 'a'))).rejects.toThrow();
    });
  });
}

function pause(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('time is up'), milliseconds));
}

function heardOnce(store: Store, topic: 'queue'): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.listen(topic, () => {
      stop();
      resolve();
    });
  });
}

async function addProject(db: Db, path: string): Promise<void> {
  const row = { path, name: path, default_branch: 'main', settings: '{}', created_at: 0 };
  await db.insertInto('projects').values(row).execute();
}

/** Reads, and writes what it has read: two that do it at once are in each other's way. */
async function count(db: Db): Promise<void> {
  await db
    .updateTable('projects')
    .set((row) => ({ last_pipeline_iid: row('last_pipeline_iid', '+', 1) }))
    .execute();
}

async function pathsIn(store: Store): Promise<readonly string[]> {
  const rows = await store.read((db) => db.selectFrom('projects').select('path').orderBy('path').execute());
  return rows.map(({ path }) => path);
}

function projectsIn(store: Store) {
  return store.read((db) => db.selectFrom('projects').selectAll().execute());
}

function stepsIn(store: Store) {
  return store.read((db) => db.selectFrom('schema_migrations').select('name').orderBy('version').execute());
}
