import { sql } from 'kysely';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import { ALONE } from '../sql/dialect.ts';
import type { Store } from '../store.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

/**
 * Brings the database to the schema of this program, forwards only. All of it is one transaction, and the second of
 * two processes that begin at once finds nothing left to do. Throws an AppError `database-too-new` when the database
 * has steps that this program does not know.
 */
export function migrate(
  store: Store,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  return store.write(async ({ db }) => {
    const { types } = store.dialect;
    await store.dialect.beAlone(db, ALONE.migrations);
    await sql
      .raw(
        `create table if not exists schema_migrations (
           version ${types.integer} primary key, name ${types.text} not null, applied_at ${types.integer} not null
         )`,
      )
      .execute(db);
    const rows = await db.selectFrom('schema_migrations').select('version').orderBy('version').execute();
    const done = rows.length;
    if (done > migrations.length) throw tooNew(done, migrations.length);
    for (const [index, { name, statements }] of migrations.entries()) {
      if (index < done) continue;
      for (const statement of statements(types)) await sql.raw(statement).execute(db);
      const row = { version: index + 1, name, applied_at: clock.now() };
      await db.insertInto('schema_migrations').values(row).execute();
    }
  });
}

function tooNew(found: number, known: number): AppError {
  return new AppError(
    'database-too-new',
    `The database has schema ${found}, and this program knows only up to ${known}.`,
    { hint: 'A newer Slipway has been at work in it: use that one, or restore a backup from before.' },
  );
}
