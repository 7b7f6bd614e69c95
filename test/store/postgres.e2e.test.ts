import { Client } from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { describeHierarchy } from '../../src/store/pipelines/hierarchy.contract.ts';
import { describePipelineStore } from '../../src/store/pipelines/pipeline-store.contract.ts';
import { describeEvents } from '../../src/store/projects/events.contract.ts';
import { describePlaces } from '../../src/store/queue/places.contract.ts';
import { describeQueue } from '../../src/store/queue/queue.contract.ts';
import { describeStore } from '../../src/store/store.contract.ts';
import { expectNothingLost } from '../../src/store/test-support/killed-store.ts';
import { addProject } from '../../src/store/test-support/sample-project.ts';
import { sqliteDatabases, testStore } from '../../src/store/test-support/test-databases.ts';
import { describeTests } from '../../src/store/tests/tests.contract.ts';
import {
  copyDatabase,
  describeOldSchema,
  describeTransfer,
} from '../../src/store/transfer/transfer.contract.ts';
import { describeResourceGroups } from '../../src/store/work/resource-groups.contract.ts';
import { describeWork } from '../../src/store/work/work.contract.ts';
import { privatePostgres } from './private-postgres.ts';

/** Everything that the store promises, on a real PostgreSQL. */
const server = await privatePostgres();
afterAll(() => server?.stop());

if (server === null) {
  test('the store on PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
} else {
  const { databases } = server;
  describe('on PostgreSQL', () => {
    describeStore(databases);
    describePipelineStore(databases, 15);
    describeHierarchy(databases);
    describeQueue(databases);
    describePlaces(databases);
    describeWork(databases);
    describeResourceGroups(databases);
    describeTransfer(databases, databases);
    describeTransfer(databases, sqliteDatabases);
    describeTransfer(sqliteDatabases, databases);
    describeOldSchema(databases);
    describeTests(databases);
    describeEvents(databases);

    test('a copy leaves alone what others have in the same database', async () => {
      const [source, target] = [await sqliteDatabases.create(), await databases.create()];
      await addProject(await testStore(sqliteDatabases, source), 'a');
      const other = new Client({ connectionString: target });
      await other.connect();
      await other.query('create schema other; create table other.projects (id int, foreign_thing text)');
      await other.query("insert into other.projects values (1, 'theirs')");
      await copyDatabase(source, target);
      const { rows } = await other.query('select * from other.projects');
      await other.end();
      expect(rows).toEqual([{ id: 1, foreign_thing: 'theirs' }]);
    });

    test('statements that are kept prepared survive a change of the tables by another program', async () => {
      const database = await databases.create();
      const store = await testStore(databases, database);
      const projectId = await addProject(store, 'a');
      const read = () => store.read((db) => db.selectFrom('projects').selectAll().execute());
      const write = (name: string) =>
        store.write(async ({ db }) => {
          await db.selectFrom('projects').selectAll().execute();
          await db.updateTable('projects').set({ name }).where('id', '=', projectId).execute();
        });
      for (let count = 0; count < 100; count += 1) {
        await read();
        await write(`name ${count}`);
      }
      const other = new Client({ connectionString: database });
      await other.connect();
      await other.query('alter table projects add column newer integer');
      await other.end();
      for (let count = 0; count < 30; count += 1) await Promise.all([read(), write(`then ${count}`), read()]);
      expect(await read()).toMatchObject([{ id: projectId, name: 'then 29', newer: null }]);
    });

    test('it loses nothing that was acknowledged when its client is killed', async () => {
      expect.hasAssertions();
      const database = await databases.create();
      for (const lines of [10, 100]) await expectNothingLost(database, `after-${lines}`, lines);
    });

    test('nor when the server itself goes down at once', async ({ skip }) => {
      if (process.env.SLIPWAY_TEST_POSTGRES) skip('the server that was given is not ours to kill');
      const store = await testStore(databases);
      const projectId = await addProject(store, 'a');
      await server.kill();
      const outage = store.write(async ({ db }) => db.selectFrom('projects').select('id').execute());
      await expect(outage).rejects.toThrow();
      await server.start();
      const rows = await store.read((db) => db.selectFrom('projects').select('id').execute());
      expect(rows).toEqual([{ id: projectId }]);
    });
  });
}
