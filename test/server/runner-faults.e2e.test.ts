import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { traceKey } from '../../src/server/broker/trace-marks.ts';
import { openBlobs } from '../../src/store/index.ts';
import { startNetwork } from '../runner/network.ts';
import { startSlipwayRunner } from '../runner/slipway-runner.ts';
import { privatePostgres } from '../store/private-postgres.ts';
import { createPusher } from './pushing.ts';
import { addFooting, type Footing, type ServerPlace, startServerProcess } from './server-process.ts';

const postgres = await privatePostgres();
afterAll(async () => postgres?.stop());

const LONG = { timeout: 240_000, interval: 200 };
const DATABASES = postgres === null ? (['SQLite'] as const) : (['SQLite', 'PostgreSQL'] as const);
type Database = (typeof DATABASES)[number];

describe('a job is not lost with its runner', () => {
  test('when the runner is killed: the job fails, and is tried again by another', async () => {
    expect.hasAssertions();
    await onEach(async (database) => {
      const { server, footing, place, push } = await startOn(database, '30s');
      const runner = { url: server.address, token: footing.runnerToken };
      const killed = await startSlipwayRunner(runner);
      await push(`
work:
  retry: { max: 1, when: [runner_system_failure, stuck_or_timeout_failure] }
  script: ['echo attempt of $CI_JOB_ID', 'if [ "$CI_JOB_ID" = 1 ]; then sleep 600; fi', echo done]
`);
      await expect.poll(() => logOf(place, 1), LONG).toContain('attempt of 1');
      killed.kill('SIGKILL');
      await killed.ended;
      await startSlipwayRunner(runner);
      await expect.poll(async () => (await jobsOf(footing)).at(-1)?.status, LONG).toBe('success');
      const attempts = await jobsOf(footing);
      expect(attempts.map(({ status }) => status)).toEqual(['failed', 'success']);
      expect(attempts[0]?.failure_reason).toMatch(/^(runner_system_failure|stuck_or_timeout_failure)$/);
      expect(await logOf(place, 1)).toContain('attempt of 1');
      expect(await logOf(place, 2)).toContain('done');
      expect(await pipelineStatus(footing)).toBe('success');
    });
  });

  test('when the network is cut for a minute: the job goes on, and its log has each line once', async () => {
    expect.hasAssertions();
    await onEach(async (database) => {
      const { server, footing, place, push } = await startOn(database, '10m');
      const network = await startNetwork(server.address);
      await startSlipwayRunner({ url: network.url, token: footing.runnerToken });
      // It ends while nobody can be told.
      await push("counts:\n  script: ['for i in $(seq 1 200); do echo line $i; sleep 0.2; done']\n");
      await expect.poll(() => logOf(place, 1), LONG).toContain('line 10\n');
      network.cut();
      await pause(60_000);
      expect(await jobsOf(footing)).toMatchObject([{ status: 'running' }]);
      network.mend();
      await expect.poll(async () => (await jobsOf(footing))[0]?.status, LONG).toBe('success');
      expect(await jobsOf(footing)).toHaveLength(1);
      const lines = (await logOf(place, 1)).match(/^line \d+/gm);
      expect(lines).toEqual(Array.from({ length: 200 }, (_, index) => `line ${index + 1}`));
      expect(await pipelineStatus(footing)).toBe('success');
    });
  });

  if (postgres === null) {
    test('on PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
  }
});

/** On all databases at once: most of it is waiting. */
async function onEach(run: (database: Database) => Promise<void>): Promise<void> {
  await Promise.all(DATABASES.map(run));
}

/** A server with a project that can be pushed to. */
async function startOn(database: Database, lostRunnerAfter: string) {
  const url = database === 'PostgreSQL' ? await postgres?.addDatabase() : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'slipway-runner-faults-'));
  const place: ServerPlace = {
    data: join(folder, 'data'),
    ...(url === undefined ? {} : { database: url }),
    arguments: ['--lost-runner-after', lostRunnerAfter],
  };
  const footing = await addFooting(place);
  const server = await startServerProcess(place, 'bundle');
  onTestFinished(async () => {
    await server.stop();
    await footing.store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const pusher = await createPusher(folder, 'ada', () => server.address, footing.adminToken);
  const push = async (file: string) => expect(await pusher.push(file)).not.toBeNull();
  return { server, footing, place, push };
}

async function jobsOf({ store }: Footing) {
  return store.read((db) =>
    db.selectFrom('jobs').select(['id', 'status', 'failure_reason']).orderBy('id').execute(),
  );
}

async function pipelineStatus({ store }: Footing): Promise<string> {
  const { status } = await store.read((db) =>
    db.selectFrom('pipelines').select('status').executeTakeFirstOrThrow(),
  );
  return status;
}

async function logOf(place: ServerPlace, job: number): Promise<string> {
  await using blobs = await openBlobs({ place: join(place.data, 'files') });
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.traces.read(traceKey(job))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
