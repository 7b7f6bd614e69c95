import { describe, expect, test } from 'vitest';
import { jobById, latestJobs } from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { askRest } from '../rest/test-support/ask-rest.ts';
import { eventually, finishJob, statusesOf } from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const THREE_JOBS = 'a: {script: make}\nb: {script: make}\nc: {script: make}\n';
const RETRIED = 'a: {script: make, retry: {max: 1, when: runner_system_failure}}\n';

/** Jobs that a process of a runner had which is dead, as the next one on its machine tells. */
export function describeDeadProcesses(databases: TestDatabases): void {
  describe(`dead processes of runners on ${databases.name}`, () => {
    async function started(file: string) {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': file });
      return tested;
    }

    test('what a dead process had ends at once, and what others have goes on', async () => {
      const tested = await started(THREE_JOBS);
      const dead = await taken(tested, { process: 'dead' });
      const alive = await taken(tested, { process: 'alive' });
      const nameless = await taken(tested, {});
      await tell(tested, ['dead', '']);
      expect(await statusesOf(tested, 1)).toEqual({ a: 'failed', b: 'running', c: 'running' });
      const row = await tested.server.parts.store.read((db) => jobById(db, dead.id));
      expect(row).toMatchObject({ failure_reason: 'runner_system_failure' });
      await eventually(() => logOf(tested, dead.id)).toContain(
        'The runner that had it has ended without a word.',
      );
      for (const job of [alive, nameless]) await finishJob(tested, job);
      expect(await statusesOf(tested, 1)).toEqual({ a: 'failed', b: 'success', c: 'success' });
    });

    test('such a job is retried as it wants, and its first attempt is nobody’s any more', async () => {
      const tested = await started(RETRIED);
      const first = await taken(tested, { process: 'dead' });
      await tell(tested, ['dead']);
      const second = await taken(tested, { process: 'next' });
      expect(second.id).not.toBe(first.id);
      const { token } = first;
      expect(await tested.ask('PUT', `/jobs/${first.id}`, { token, state: 'success' })).toMatchObject({
        status: 403,
      });
      await tell(tested, ['dead']);
      await finishJob(tested, second);
      expect(await statusesOf(tested, 1)).toEqual({ a: 'success' });
    });

    test('one that was to be canceled is', async () => {
      const tested = await started('a: {script: make}\n');
      const { id } = await taken(tested, { process: 'dead' });
      const admin = askRest(tested, tested.adminToken);
      await admin('POST', `/projects/team%2Fapp/jobs/${id}/cancel`);
      await eventually(() => statusesOf(tested, 1)).toEqual({ a: 'canceling' });
      await tell(tested, ['dead']);
      expect(await statusesOf(tested, 1)).toEqual({ a: 'canceled' });
    });

    test('a job that was offered and begun is its process’s, too', async () => {
      const tested = await started('a: {script: make}\n');
      const { id, token } = await taken(tested, { process: 'dead' }, { two_phase_job_commit: true });
      await tested.ask('PUT', `/jobs/${id}`, { token, state: 'running' });
      expect(await statusesOf(tested, 1)).toEqual({ a: 'running' });
      await tell(tested, ['dead']);
      expect(await statusesOf(tested, 1)).toEqual({ a: 'failed' });
    });

    test('nobody can speak for another machine', async () => {
      const tested = await started('a: {script: make}\n');
      await taken(tested, { process: 'dead' });
      await tell(tested, ['dead'], 's_2');
      const [job] = await tested.server.parts.store.read((db) => latestJobs(db, 1));
      expect(job).toMatchObject({ status: 'running', system_id: 's_1', process: 'dead' });
    });
  });
}

const FEATURES = {
  ...{ variables: true, artifacts: true, image: true, return_exit_code: true, cancel_gracefully: true },
};

/** The next job, as a process of the test's runner gets it. */
async function taken(
  { ask, runnerToken: token }: TestedServer,
  named: { readonly process?: string },
  features: Readonly<Record<string, boolean>> = {},
) {
  const info = { features: { ...FEATURES, ...features }, ...named };
  const found: { current: Readonly<Record<string, unknown>> | null } = { current: null };
  await eventually(async () => {
    if (found.current !== null) return true;
    const { status, json } = await ask('POST', '/jobs/request', { token, system_id: 's_1', info });
    if (status === 201) found.current = json;
    return found.current !== null;
  }).toBe(true);
  const wire = found.current ?? {};
  const { job_info: job } = wire;
  const { name }: Record<string, unknown> = { ...Object(job) };
  return { id: Number(wire.id), token: String(wire.token), name: String(name), wire, variables: {} };
}

/** The next process of the runner says which ones have died before it. */
async function tell({ ask, runnerToken: token }: TestedServer, left: readonly string[], systemId = 's_1') {
  const body = { token, system_id: systemId, info: { process: 'next' }, left };
  expect((await ask('POST', '/runners/places', body)).status).toBe(200);
}

async function logOf({ server, adminToken }: TestedServer, job: number): Promise<string> {
  const address = `${server.address}/api/v4/projects/team%2Fapp/jobs/${job}/trace`;
  const response = await fetch(address, { headers: { 'PRIVATE-TOKEN': adminToken } });
  return await response.text();
}
