import { describe, expect, test } from 'vitest';
import { type JobRow, jobById } from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { client } from '../git/test-support/git-server.ts';
import {
  eventually,
  finishJob,
  type GivenJob,
  takeIfAny,
  takeJob,
  writeLog,
} from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const CONFIRMS = { two_phase_job_commit: true, cancel_gracefully: true };

/** Jobs of runners that say when they have one: docs/decisions/0012. */
export function describeOffers(databases: TestDatabases): void {
  describe(`offers on ${databases.name}`, () => {
    async function offered(options: Parameters<typeof startTestedServer>[0] = {}) {
      const tested = await startTestedServer({ database: await databases.create(), ...options });
      await tested.push({ '.gitlab-ci.yml': 'build: {script: [make]}\n' });
      return { tested, job: await takeJob(tested, CONFIRMS) };
    }

    test('a job waits until its runner says that it has it', async () => {
      const { tested, job } = await offered();
      expect(await rowOf(tested, job)).toMatchObject({ status: 'pending', runner_id: 1, system_id: 's_1' });
      expect(await takeIfAny(tested)).toBeNull();
      expect(await say(tested, job, 'pending')).toMatchObject({ status: 200, told: 'pending' });
      expect(await rowOf(tested, job)).toMatchObject({ status: 'pending' });
      expect(await say(tested, job, 'running')).toMatchObject({ status: 200, told: 'running' });
      expect(await say(tested, job, 'running')).toMatchObject({ status: 200, told: 'running' });
      expect(await rowOf(tested, job)).toMatchObject({ status: 'running', attempt: 1 });
      await finishJob(tested, job);
      expect(await rowOf(tested, job)).toMatchObject({ status: 'success' });
    });

    test.each([
      [
        'sends of its log',
        (tested: TestedServer, job: GivenJob) => writeLog(tested, job, 'hello'),
        'running',
      ],
      [
        'says that it cannot do it',
        (tested: TestedServer, job: GivenJob) =>
          finishJob(tested, job, { state: 'failed', failure_reason: 'runner_system_failure' }),
        'failed',
      ],
    ] as const)('a runner that %s has begun its job', async (_what, does, status) => {
      const { tested, job } = await offered();
      await does(tested, job);
      expect(await rowOf(tested, job)).toMatchObject({ status, attempt: 1, started_at: expect.any(Number) });
    });

    test('a runner that could not say that it has its job works on it all the same', async () => {
      const { tested, job } = await offered();
      const readable = async () => {
        const address = new URL(`${tested.server.address}/team/app.git`);
        address.username = 'gitlab-ci-token';
        address.password = job.token;
        return (await client(tested.clone, 'ls-remote', address.href)).code === 0;
      };
      expect(await readable()).toBe(true);
      expect(await rowOf(tested, job)).toMatchObject({ status: 'pending' });
      await writeLog(tested, job, 'hello');
      await finishJob(tested, job);
      expect(await rowOf(tested, job)).toMatchObject({ status: 'success', attempt: 1 });
      expect(await readable()).toBe(false);
    });

    test('a job that its runner never began is given to another, in the same attempt', async () => {
      const quiet = { level: 'error', write: () => undefined } as const;
      const { tested, job } = await offered({ limits: { silentRunnerMs: 60_000 }, log: quiet });
      const second = await takeJob(tested, CONFIRMS);
      expect(second.id).toBe(job.id);
      expect(await say(tested, job, 'running')).toMatchObject({ status: 403 });
      expect(await say(tested, second, 'running')).toMatchObject({ status: 200 });
      await finishJob(tested, second);
      expect(await rowOf(tested, job)).toMatchObject({ status: 'success', attempt: 1 });
    });

    test('a runner is told of a job that was canceled before it had it', async () => {
      const { tested, job } = await offered();
      await tested.server.parts.pipelines.apply(1, [{ type: 'pipeline-canceled' }]);
      expect(await say(tested, job, 'running')).toMatchObject({ status: 403, told: 'canceled' });
      await eventually(() => rowOf(tested, job)).toMatchObject({ status: 'canceled', started_at: null });
    });

    test('a runner that does not say when it has a job has it at once', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': 'build: {script: [make]}\n' });
      expect(await rowOf(tested, await takeJob(tested))).toMatchObject({ status: 'running' });
    });
  });
}

function rowOf({ server }: TestedServer, { id }: GivenJob): Promise<JobRow | null> {
  return server.parts.store.read((db) => jobById(db, id));
}

async function say({ ask }: TestedServer, { id, token }: GivenJob, state: string) {
  const { status, headers } = await ask('PUT', `/jobs/${id}`, { token, state });
  return { status, told: headers.get('job-status') };
}
