import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { git } from '../server/pushing.ts';
import {
  addFooting,
  type Footing,
  type ServerProcess,
  startServerProcess,
} from '../server/server-process.ts';
import { privatePostgres } from '../store/private-postgres.ts';
import { type RunnerProcess, startProcess } from './running-process.ts';
import { environmentIn, SLIPWAY } from './slipway-runner.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Every step says whether it has found what those before it have made: one that has not ends with exit code 1. */
const BUILD = `
steps:
- { name: bash, id: begin, script: 'test ! -e made; echo made > made; sleep 0.2' }
- { name: bash, id: left, waitFor: [begin], script: 'test -s made; echo left > left; until [ -e right ]; do sleep 0.05; done' }
- { name: bash, id: right, waitFor: [begin], script: 'test -s made; echo right > right; until [ -e left ]; do sleep 0.05; done' }
- { name: bash, id: end, script: 'cat made left right; echo end > "$HOME/end"; sleep 0.2' }
- { name: bash, id: after, script: 'cat "$HOME/end"' }
`;
const STEPS = ['begin', 'left', 'right', 'end', 'after'];
const ROUNDS = 10;
const BUILDS_A_ROUND = 3;

const postgres = await privatePostgres();
afterAll(() => postgres?.stop());

describe('builds end, and no step runs without the files of those before it, whoever is killed', () => {
  test('on SQLite', { timeout: 600_000 }, async () => {
    expect.hasAssertions();
    await expectBuildsToEnd({});
  });

  test('on PostgreSQL', { timeout: 600_000 }, async ({ skip }) => {
    if (postgres === null) return skip('no PostgreSQL 15 or newer is installed');
    expect.hasAssertions();
    await expectBuildsToEnd({ database: await postgres.databases.create() });
  });
});

async function expectBuildsToEnd(on: { readonly database?: string }): Promise<void> {
  const place = { ...on, data: join(await temporaryFolder(), 'data') };
  const footing = await addFooting(place);
  onTestFinished(() => footing.store[Symbol.asyncDispose]());
  const start = (port: number) =>
    startServerProcess({ ...place, port, arguments: ['--lost-runner-after', '30s'] });
  let server = await start(0);
  onTestFinished(() => server.kill());
  const port = Number(new URL(server.address).port);
  const homes = [await temporaryFolder(), await temporaryFolder()];
  const startRunner = (home: string) => runner(server, footing, home);
  const runners = await Promise.all(homes.map(startRunner));
  const push = await pusher(server, footing);

  for (let round = 0; round < ROUNDS; round += 1) {
    for (let count = 0; count < BUILDS_A_ROUND; count += 1) await push();
    await pause(Math.random() * 1500);
    const at = round % 3;
    if (at === 2) {
      await server.kill();
      server = await start(port);
    } else {
      runners[at]?.kill('SIGKILL');
      await runners[at]?.ended;
      runners[at] = await startRunner(homes[at] ?? '');
    }
  }
  await expect.poll(() => unfinished(footing), PATIENCE).toEqual([]);
  expect(await ownFaults(footing)).toEqual([]);

  // What was lost with a runner is done when somebody wants it again.
  const lost = await pipelinesThat(footing, 'failed');
  expect(lost).not.toEqual([]);
  for (const id of lost) await retry(server, footing, id);
  await expect.poll(() => unfinished(footing), PATIENCE).toEqual([]);
  expect(await ownFaults(footing)).toEqual([]);
  expect(await pipelinesThat(footing, 'success')).toHaveLength(ROUNDS * BUILDS_A_ROUND);
  await expect.poll(() => Promise.all(homes.map(filesOf)), PATIENCE).toEqual([[], []]);
  await expect.poll(() => heldPlaces(footing), PATIENCE).toBe(0);
}

const PATIENCE = { timeout: 240_000, interval: 200 };

async function runner(server: ServerProcess, { runnerToken }: Footing, home: string): Promise<RunnerProcess> {
  const args = ['runner', 'run', '--url', server.address, '--executor', 'shell', '--concurrency', '3'];
  return startProcess(SLIPWAY, args, { ...environmentIn(home), SLIPWAY_RUNNER_TOKEN: runnerToken });
}

/** Pushes a build to a branch of its own each time. */
async function pusher(server: ServerProcess, { adminToken }: Footing): Promise<() => Promise<void>> {
  const clone = join(await temporaryFolder(), 'clone');
  await mkdir(clone);
  await git(clone, 'init', '--quiet', '--initial-branch=main');
  await git(clone, 'config', 'user.name', 'Test');
  await git(clone, 'config', 'user.email', 'test@localhost');
  await writeFile(join(clone, 'cloudbuild.yaml'), BUILD);
  await writeFile(join(clone, 'slipway.yml'), 'builders:\n  bash: { command: bash }\n');
  await git(clone, 'add', '--all');
  await git(clone, 'commit', '--quiet', '-m', 'A build');
  const url = new URL(`${server.address}/team/app.git`);
  url.username = 'root';
  url.password = adminToken;
  let count = 0;
  return async () => {
    count += 1;
    await git(clone, 'push', '--quiet', url.href, `HEAD:refs/heads/build-${count}`);
  };
}

function pipelinesThat({ store }: Footing, status: string): Promise<readonly number[]> {
  return store.read(async (db) => {
    const rows = await db.selectFrom('pipelines').select('id').where('status', '=', status).execute();
    return rows.map(({ id }) => id);
  });
}

function unfinished({ store }: Footing): Promise<readonly string[]> {
  return store.read(async (db) => {
    const rows = await db
      .selectFrom('jobs')
      .select(['pipeline_id', 'name', 'status'])
      .where('latest', '=', 1)
      .where('status', 'not in', ['success', 'failed', 'canceled', 'skipped'])
      .execute();
    return rows.map((row) => `${row.pipeline_id} ${row.name} ${row.status}`);
  });
}

/** Steps that have failed, and not because of a machine; and steps that did not run of builds that have passed. */
function ownFaults({ store }: Footing): Promise<readonly unknown[]> {
  return store.read(async (db) => {
    const failed = await db
      .selectFrom('jobs')
      .select(['id', 'name', 'failure_reason', 'exit_code'])
      .where('status', '=', 'failed')
      .where('failure_reason', 'not in', ['runner_system_failure', 'stuck_or_timeout_failure'])
      .execute();
    const passed = await db
      .selectFrom('jobs')
      .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
      .select(['jobs.id', 'jobs.name', 'jobs.status'])
      .where('pipelines.status', '=', 'success')
      .where('jobs.latest', '=', 1)
      .where('jobs.status', '<>', 'success')
      .where('jobs.name', 'in', STEPS)
      .execute();
    return [...failed, ...passed];
  });
}

async function retry({ address }: ServerProcess, { adminToken }: Footing, id: number): Promise<void> {
  const path = `${address}/api/v4/projects/team%2Fapp/pipelines/${id}/retry`;
  const response = await fetch(path, { method: 'POST', headers: { 'PRIVATE-TOKEN': adminToken } });
  expect(response.status, await response.text()).toBe(201);
}

function heldPlaces({ store }: Footing): Promise<number> {
  return store.read(async (db) => {
    const rows = await db.selectFrom('places').select('id').where('state', '=', 'held').execute();
    return rows.length;
  });
}

async function filesOf(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, '.local/state/slipway/runner'), { recursive: true });
  return names.filter((name) => /(?:workspace|volume)-[^/]*$/.test(name));
}
