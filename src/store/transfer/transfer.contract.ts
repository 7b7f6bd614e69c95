import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { createPipelineStore } from '../pipelines/pipeline-store.ts';
import { migrate } from '../schema/migrate.ts';
import { MIGRATIONS, SCHEMA } from '../schema/migrations.ts';
import { openSqlite } from '../sql/sqlite.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { sqliteDatabases, type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { fillDatabase, type Intake } from './fill-database.ts';
import { openSnapshot } from './open-snapshot.ts';
import { type Row, SCHEMA_TABLE, type Snapshot } from './snapshot.ts';

/** Laws of copying a database to another, which may be of the other kind. */
export function describeTransfer(from: TestDatabases, to: TestDatabases): void {
  describe(`a copy from ${from.name} to ${to.name}`, () => {
    it('has all rows of all tables as they were', async () => {
      const [source, target] = [await from.create(), await to.create()];
      const store = await testStore(from, source);
      const projectId = await addProject(store, 'grün/\u{1f600} "quoted" \\ \n');
      const pipelines = createPipelineStore(store, systemClock);
      const large = Array.from({ length: 2000 }, (_, index) => job(`job ${index}`));
      await pipelines.create(pushOf(projectId, plan({ build: large })));
      await copyDatabase(source, target);
      expect(await rowsOf(target)).toEqual(await rowsOf(source));
      // Its state can be read there, so the plan's bytes are the same.
      const copied = createPipelineStore(await testStore(to, target), systemClock);
      expect((await copied.state(1))?.graph.plan.jobs).toHaveLength(2000);
    });

    it('has nothing of what was written after it was begun', async () => {
      const [source, target] = [await from.create(), await to.create()];
      const store = await testStore(from, source);
      await addProject(store, 'before');
      {
        await using snapshot = await openSnapshot(source);
        await addProject(store, 'after');
        await fill(snapshot, target);
      }
      const copied = await testStore(to, target);
      const rows = await copied.read((db) => db.selectFrom('projects').select('path').execute());
      expect(rows).toEqual([{ path: 'before' }]);
    });

    it('gives no number twice, not even one whose row is gone', async () => {
      const [source, target] = [await from.create(), await to.create()];
      const store = await testStore(from, source);
      await addProject(store, 'a');
      const last = await addProject(store, 'b');
      await store.write(({ db }) => db.deleteFrom('projects').where('id', '=', last).execute());
      await copyDatabase(source, target);
      expect(await addProject(await testStore(to, target), 'c')).toBe(last + 1);
    });

    it('is not made over anything', async () => {
      const [source, target] = [await from.create(), await to.create()];
      await addProject(await testStore(from, source), 'a');
      await addProject(await testStore(to, target), 'b');
      await expect(copyDatabase(source, target)).rejects.toMatchObject({ code: 'database-not-empty' });
    });

    it('leaves nothing when it fails in the middle', async () => {
      const [source, target] = [await from.create(), await to.create()];
      await addProject(await testStore(from, source), 'a');
      await using snapshot = await openSnapshot(source);
      const broken = fillDatabase(
        { database: target, schema: snapshot.schema, clock: systemClock },
        async (intake) => {
          await feed(snapshot, intake);
          throw new Error('the file ends here');
        },
      );
      await expect(broken).rejects.toThrow('the file ends here');
      const copied = await testStore(to, target);
      expect(await copied.read((db) => db.selectFrom('projects').selectAll().execute())).toEqual([]);
    });
  });
}

/** What holds for the schema, whatever the database. */
export function describeOldSchema(to: TestDatabases): void {
  it(`a copy with the schema of an older program is brought to this one's, on ${to.name}`, async () => {
    const [source, target] = [await sqliteDatabases.create(), await to.create()];
    {
      await using old = await openSqlite(source, systemClock);
      await migrate(old, systemClock, MIGRATIONS.slice(0, 2));
      await addProject(old, 'old');
    }
    await copyDatabase(source, target);
    await using snapshot = await openSnapshot(target);
    expect(snapshot.schema).toBe(SCHEMA);
    const copied = await testStore(to, target);
    expect(await copied.read((db) => db.selectFrom('projects').select('path').execute())).toEqual([
      { path: 'old' },
    ]);
  });
}

export async function copyDatabase(source: string, target: string): Promise<void> {
  await using snapshot = await openSnapshot(source);
  await fill(snapshot, target);
}

function fill(snapshot: Snapshot, target: string): Promise<void> {
  return fillDatabase({ database: target, schema: snapshot.schema, clock: systemClock }, (intake) =>
    feed(snapshot, intake),
  );
}

async function feed(snapshot: Snapshot, intake: Intake): Promise<void> {
  for (const { name, columns } of snapshot.tables) {
    if (name === SCHEMA_TABLE) continue;
    const names = columns.map((column) => column.name);
    for await (const rows of snapshot.read(`select * from ${name}`)) {
      await intake.insert(
        name,
        names,
        rows.map((row) => names.map((column) => row[column] ?? null)),
      );
    }
  }
  await intake.count(await snapshot.counters());
}

async function rowsOf(database: string): Promise<Readonly<Record<string, readonly Row[]>>> {
  await using snapshot = await openSnapshot(database);
  const tables: Record<string, Row[]> = {};
  for (const { name } of snapshot.tables) {
    if (name === SCHEMA_TABLE) continue;
    const rows: Row[] = [];
    for await (const part of snapshot.read(`select * from ${name}`)) {
      // Bytes are a Buffer here and an array there.
      for (const row of part) {
        rows.push(
          Object.fromEntries(
            Object.entries(row).map(([key, cell]) => [
              key,
              cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell,
            ]),
          ),
        );
      }
    }
    tables[name] = rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return tables;
}
