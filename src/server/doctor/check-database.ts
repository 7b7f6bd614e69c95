import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { openSnapshot, openStore, SCHEMA, type Store } from '../../store/index.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';

export interface CheckedDatabase extends AsyncDisposable {
  readonly findings: readonly Finding[];
  /** Null when it cannot be used; then nothing that is in it can be looked at. */
  readonly store: Store | null;
}

/** Whether the database answers, has the schema of this program, and how long a write takes until it is on the disk. */
export async function checkDatabase(database: string, clock: Clock): Promise<CheckedDatabase> {
  try {
    await using snapshot = await openSnapshot(database);
    if (snapshot.schema !== SCHEMA) return unusable([otherSchema(snapshot.schema)]);
  } catch (error) {
    const mend =
      'Give --data and --database as the server is started with. If it was never started, start it once.';
    return unusable([problem('database', `${reasonOf(error)}.`, mend)]);
  }
  const store = await openStore({ database, clock });
  try {
    const findings = [await timeWrite(store, clock)];
    if (store.dialect.name === 'sqlite') findings.push(...(await checkSqlite(database, store)));
    else findings.push(...(await checkPostgres(store, clock)));
    return { findings, store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    return unusable([
      problem('database', `${reasonOf(error)}.`, 'Look at the disk of the database, and at its own log.'),
    ]);
  }
}

function unusable(findings: readonly Finding[]): CheckedDatabase {
  return { findings, store: null, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function otherSchema(found: number): Finding {
  return found > SCHEMA
    ? problem(
        'database',
        `The database has schema ${found}; this program knows ${SCHEMA}.`,
        'Use the newer Slipway that made it.',
      )
    : warning(
        'database',
        `The database has schema ${found}, and this program has ${SCHEMA}.`,
        'The next start of this server brings it forward. Take a backup before.',
      );
}

/** Of a timer that is removed again; no server looks at one so far in the future. */
async function timeWrite(store: Store, clock: Clock): Promise<Finding> {
  const key = `doctor ${process.pid}`;
  const row = { kind: 'doctor', key, due_at: Number.MAX_SAFE_INTEGER, body: '{}' };
  const started = clock.elapsed();
  await store.write(({ db }) => db.insertInto('timers').values(row).execute());
  const milliseconds = Math.round(clock.elapsed() - started);
  await store.write(({ db }) =>
    db.deleteFrom('timers').where('kind', '=', 'doctor').where('key', '=', key).execute(),
  );
  const found = `A write is on the disk of the database after ${milliseconds} ms.`;
  const mend = 'Each step of each job waits for it: use a faster disk, or one that nobody else keeps busy.';
  return milliseconds > 250 ? warning('database', found, mend) : ok('database', found);
}

async function checkSqlite(folder: string, store: Store): Promise<readonly Finding[]> {
  const [file, log] = await Promise.all(
    ['slipway.db', 'slipway.db-wal'].map(
      async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0,
    ),
  );
  const findings: Finding[] = [];
  if ((log ?? 0) > 256e6) {
    const mend =
      'Something reads for very long, a backup perhaps; it shrinks when that has ended. If not, restart the server.';
    findings.push(
      warning('database', `The write-ahead log has grown to ${Math.round((log ?? 0) / 1e6)} MB.`, mend),
    );
  }
  if ((file ?? 0) > 1e9) {
    findings.push(
      ok(
        'database',
        `${((file ?? 0) / 1e9).toFixed(1)} GB of SQLite; too much to be read through here (pragma quick_check).`,
      ),
    );
    return findings;
  }
  const { rows } = await store.read((db) => sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db));
  const word = rows[0]?.quick_check;
  findings.push(
    word === 'ok'
      ? ok('database', `SQLite with schema ${SCHEMA}, ${Math.ceil((file ?? 0) / 1e6)} MB, is whole.`)
      : problem(
          'database',
          `The database is damaged: ${word}.`,
          'Stop the server, move the data folder away, and restore a backup.',
        ),
  );
  return findings;
}

async function checkPostgres(store: Store, clock: Clock): Promise<readonly Finding[]> {
  const before = clock.now();
  const { rows } = await store.read((db) =>
    sql<{ version: string; used: number; most: number; now: number }>`
      select current_setting('server_version') as version,
             (select count(*) from pg_stat_activity) as used,
             current_setting('max_connections')::int as most,
             (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db),
  );
  const answer = rows[0];
  if (answer === undefined) return [];
  const findings = [ok('database', `PostgreSQL ${answer.version} with schema ${SCHEMA}.`)];
  findings.push(clockDifference(Number(answer.now) - (before + clock.now()) / 2));
  if (Number(answer.used) > answer.most * 0.8) {
    const mend = 'Raise max_connections of PostgreSQL, or run fewer servers: each takes up to 20.';
    findings.push(warning('database', `${answer.used} of ${answer.most} connections are taken.`, mend));
  }
  return findings;
}

function clockDifference(milliseconds: number): Finding {
  const seconds = Math.round(milliseconds / 100) / 10;
  const found = `The clock of the database differs by ${seconds} s.`;
  return Math.abs(seconds) > 2
    ? warning('database', found, 'Turn on time synchronization on both machines.')
    : ok('database', found);
}
