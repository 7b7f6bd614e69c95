import { describe, expect, test } from 'vitest';
import { latestJobs } from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { askRest } from '../rest/test-support/ask-rest.ts';
import { eventually, finishJob, type GivenJob, statusesOf, writeLog } from '../test-support/driven-jobs.ts';
import { movedClock } from '../test-support/moved-clock.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const BUILD = `
steps:
- { name: bash, id: first, script: make }
- { name: bash, id: second, script: make }
- { name: bash, id: third, script: make }
`;
const WITH_IMAGES = `${BUILD}images: [gcr.io/a/b]\n`;
const TWO_AT_ONCE = `
steps:
- { name: bash, id: one, script: make, waitFor: ['-'] }
- { name: bash, id: other, script: make, waitFor: ['-'] }
`;
const HOUR = 3600_000;
const AT = '/projects/team%2Fapp';

/** Where the steps of a build run, and what becomes of them when their files are gone. */
export function describePlacesOnServer(databases: TestDatabases): void {
  describe(`places of a server on ${databases.name}`, () => {
    async function started(file: string, more: Parameters<typeof startTestedServer>[0] = {}) {
      const tested = await startTestedServer({ database: await databases.create(), ...more });
      await tested.push({ 'cloudbuild.yaml': file });
      return tested;
    }

    test('one process gets all steps, is told where they share, and keeps that until the end', async () => {
      const tested = await started(BUILD);
      const first = await taken(tested, 'x');
      expect(first).toMatchObject({
        name: 'first',
        wire: { slipway: { shared_workspace: { path: '/workspace' }, place: expect.any(Number) } },
      });
      const place = placeIn(first);
      await finishJob(tested, first);
      expect(await takeAs(tested, 'y')).toBeNull();
      expect(await held(tested, 'x')).toEqual([place]);
      expect(await held(tested, 'y')).toEqual([]);
      for (const name of ['second', 'third']) {
        const next = await taken(tested, 'x');
        expect([next.name, placeIn(next)]).toEqual([name, place]);
        await finishJob(tested, next);
      }
      expect(await held(tested, 'x')).toEqual([]);
    });

    test('whoever pushes is told when no runner keeps files, and not when one does', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      const told = /cloudbuild.yaml:3:\d+: warning: first and the jobs that share its files wait/;
      expect(await takeAs(tested, 'x', { slipway_place: false })).toBeNull();
      expect(await tested.push({ 'cloudbuild.yaml': BUILD })).toMatch(told);
      expect(await taken(tested, 'x')).toMatchObject({ name: 'first' });
      expect(await tested.push({ again: '' })).not.toMatch(told);
    });

    test('a process that cannot keep files, and one without a name, get no step', async () => {
      const tested = await started(BUILD);
      expect(await takeAs(tested, '')).toBeNull();
      expect(await takeAs(tested, 'x', { slipway_place: false })).toBeNull();
      expect(await takeAs(tested, 'x', { slipway_steps: false })).toBeNull();
      expect(await takeAs(tested, 'x')).not.toBeNull();
    });

    test('steps fail that wait for a process that has ended, and the pipeline can begin again', async () => {
      const tested = await started(BUILD);
      const admin = askRest(tested, tested.adminToken);
      const first = await taken(tested, 'x');
      await finishJob(tested, first);
      expect(await held(tested, 'x2', ['x'])).toEqual([]);
      expect(await statusesOf(tested, 1)).toEqual({ first: 'success', second: 'failed', third: 'canceled' });
      const [, second] = await jobsOf(tested);
      expect(second).toMatchObject({ failure_reason: 'runner_system_failure' });
      await eventually(() => logOf(tested, second?.id ?? 0)).toContain(
        'The files that the jobs of this pipeline share are gone: the runner that had them has ended.',
      );

      // A step of it would find nothing.
      for (const id of [first.id, second?.id])
        expect(await admin('POST', `${AT}/jobs/${id}/retry`)).toMatchObject({
          status: 403,
          json: { message: expect.stringContaining('begins again with its first step') },
        });
      expect(await admin('POST', `${AT}/pipelines/1/retry`)).toMatchObject({ status: 201 });
      expect(await statusesOf(tested, 1)).toEqual({ first: 'pending', second: 'created', third: 'created' });
      for (const name of ['first', 'second', 'third']) {
        const next = await taken(tested, 'y');
        expect(next.name).toBe(name);
        expect(placeIn(next)).not.toBe(placeIn(first));
        await finishJob(tested, next);
      }
      expect(await statusesOf(tested, 1)).toEqual({ first: 'success', second: 'success', third: 'success' });
    });

    test('a step that ran in a process that has ended is over with it', async () => {
      const tested = await started(TWO_AT_ONCE);
      const [one, other] = [await taken(tested, 'x'), await taken(tested, 'x')];
      await writeLog(tested, one, 'begun\n');
      await held(tested, 'x2', ['x']);
      expect(await statusesOf(tested, 1)).toEqual({ one: 'failed', other: 'canceled' });
      await eventually(() => logOf(tested, one.id)).toMatch(/^begun\nERROR: Job failed: .* has ended\./);
      expect(await held(tested, 'x')).toEqual([]);
      const { token } = other;
      expect(await tested.ask('PUT', `/jobs/${other.id}`, { token, state: 'success' })).toMatchObject({
        status: 403,
      });
    });

    test('while the files are there a step is retried beside them', async () => {
      const tested = await started(TWO_AT_ONCE);
      const admin = askRest(tested, tested.adminToken);
      const [one, other] = [await taken(tested, 'x'), await taken(tested, 'x')];
      await finishJob(tested, one);
      expect(await admin('POST', `${AT}/jobs/${one.id}/retry`)).toMatchObject({ status: 201 });
      const again = await taken(tested, 'x');
      expect([again.name, placeIn(again)]).toEqual(['one', placeIn(other)]);
    });

    test('a process that says nothing for too long has lost what it held', async () => {
      const tested = await started(BUILD, { limits: { silentRunnerMs: 1500 } });
      await finishJob(tested, await taken(tested, 'x'));
      // One that asks is there, however long it takes.
      const until = Date.now() + 3000;
      while (Date.now() < until) expect(await held(tested, 'x')).toHaveLength(1);
      expect(await statusesOf(tested, 1)).toMatchObject({ second: 'pending' });
      await eventually(() => statusesOf(tested, 1)).toMatchObject({ second: 'failed' });
      const [, second] = await jobsOf(tested);
      await eventually(() => logOf(tested, second?.id ?? 0)).toContain('was silent for too long');
    });

    test('with a step that its runner has lost, all that wait beside it are over', async () => {
      const file = `${TWO_AT_ONCE.replaceAll(' }', ', allowFailure: true }')}- { name: bash, id: last, script: make }\n`;
      const tested = await started(file, { limits: { silentRunnerMs: 1200 } });
      await writeLog(tested, await taken(tested, 'x'), 'begun\n');
      await eventually(() => statusesOf(tested, 1)).toEqual({
        ...{ one: 'failed', other: 'failed', last: 'failed' },
      });
    });

    test('a first step that never reached its process begins elsewhere', async () => {
      const tested = await started(BUILD, { limits: { silentRunnerMs: 1200 } });
      const first = await taken(tested, 'x');
      const again = await taken(tested, 'y');
      expect([again.name, again.id === first.id]).toEqual(['first', false]);
      expect(placeIn(again)).not.toBe(placeIn(first));
      expect(await held(tested, 'x')).toEqual([]);
    });

    test('a step that cannot be described begins no place, and the others run', async () => {
      const file = `
steps:
- { name: bash, id: wants, script: make, secretEnv: [TOKEN], allowFailure: true, waitFor: ['-'] }
- { name: bash, id: after, script: make, waitFor: [wants] }
availableSecrets:
  secretManager: [{ versionName: projects/p/secrets/api-token/versions/latest, env: TOKEN }]
`;
      const tested = await started(file);
      const after = await taken(tested, 'x');
      expect(after.name).toBe('after');
      expect(await held(tested, 'x')).toEqual([placeIn(after)]);
      const [wants] = await jobsOf(tested);
      await eventually(() => logOf(tested, wants?.id ?? 0)).toContain('set the variable api_token');
      // Whoever pushes was told before.
      expect(await tested.push({ again: '' })).toMatch(
        /cloudbuild.yaml:3:\d+: warning: The secret .* set the variable api_token/,
      );
    });

    test('a machine that goes away gives back what nobody misses, and takes the rest with it', async () => {
      const tested = await started(BUILD);
      const interrupted = { state: 'failed', failure_reason: 'runner_interrupted' };
      await finishJob(tested, await taken(tested, 'x'), interrupted);
      const first = await taken(tested, 'y');
      expect(first.name).toBe('first');
      await finishJob(tested, first);
      await finishJob(tested, await taken(tested, 'y'), interrupted);
      await eventually(() => statusesOf(tested, 1)).toEqual({
        ...{ first: 'success', second: 'failed', third: 'canceled' },
      });
      expect(await held(tested, 'y')).toEqual([]);
    });

    test('a process that takes no other jobs goes on with what it has begun, and waits for nobody', async () => {
      const tested = await started(WITH_IMAGES);
      await finishJob(tested, await taken(tested, 'x'));
      await tested.push({ again: '' });
      const asked = () => takeAs(tested, 'x', {}, { placed_only: true });
      for (const name of ['second', 'third']) {
        const next = await asked();
        expect([next?.name, next?.pipeline]).toEqual([name, 1]);
        if (next !== null) await finishJob(tested, next);
      }
      expect(await asked()).toBeNull();
      expect(await held(tested, 'x')).toHaveLength(1);
      expect(await held(tested, 'x', [], true)).toEqual([]);
      expect(await taken(tested, 'y')).toMatchObject({ name: 'first', pipeline: 2 });
    });

    test('a canceled pipeline keeps nothing', async () => {
      const tested = await started(BUILD);
      await finishJob(tested, await taken(tested, 'x'));
      await askRest(tested, tested.adminToken)('POST', `${AT}/pipelines/1/cancel`);
      await eventually(() => held(tested, 'x')).toEqual([]);
    });

    test('what a person may still start keeps the files for an hour', async () => {
      const clock = movedClock();
      const tested = await started(WITH_IMAGES, { clock, limits: { silentRunnerMs: 3000 } });
      const admin = askRest(tested, tested.adminToken);
      for (let count = 0; count < 3; count += 1) await finishJob(tested, await taken(tested, 'x'));
      expect(await statusesOf(tested, 1)).toMatchObject({ third: 'success', 'push images': 'manual' });
      const [, , , push] = await jobsOf(tested);
      const play = () => admin('POST', `${AT}/jobs/${push?.id}/play`);
      expect(await held(tested, 'x')).toHaveLength(1);
      expect(await play()).toMatchObject({ status: 200 });
      await finishJob(tested, await taken(tested, 'x'));
      expect(await held(tested, 'x')).toEqual([]);

      await tested.push({ again: '' });
      for (let count = 0; count < 3; count += 1) await finishJob(tested, await taken(tested, 'x'));
      expect(await held(tested, 'x')).toHaveLength(1);
      clock.forward(HOUR + 60_000);
      await eventually(() => held(tested, 'x')).toEqual([]);
      const [later] = (await jobsOf(tested, 2)).filter(({ name }) => name === 'push images');
      const playLater = () => admin('POST', `${AT}/jobs/${later?.id}/play`);
      expect(await playLater()).toMatchObject({ status: 403 });
      // All of it again, and the person's part last.
      expect(await admin('POST', `${AT}/pipelines/2/retry`)).toMatchObject({ status: 201 });
      expect(await playLater()).toMatchObject({ status: 403 });
      for (let count = 0; count < 3; count += 1) await finishJob(tested, await taken(tested, 'y'));
      expect(await playLater()).toMatchObject({ status: 200 });
      expect((await taken(tested, 'y')).name).toBe('push images');
    });
  });
}

const FEATURES = {
  ...{ variables: true, artifacts: true, image: true, return_exit_code: true, cancel_gracefully: true },
  ...{ slipway_steps: true, slipway_place: true },
};

/** As a process of the test's runner that keeps files; null: no job waits for it. */
async function takeAs(
  { ask, runnerToken: token }: TestedServer,
  process: string,
  features: Readonly<Record<string, boolean>> = {},
  more: object = {},
): Promise<StepGiven | null> {
  const info = { features: { ...FEATURES, ...features }, process };
  const { status, json } = await ask('POST', '/jobs/request', { token, system_id: 's_1', info, ...more });
  if (status === 204) return null;
  expect(status).toBe(201);
  const { id, token: jobToken, job_info: job } = json;
  const { name, pipeline_id: pipeline }: Record<string, unknown> = { ...Object(job) };
  return {
    ...{ id: Number(id), token: String(jobToken), wire: json, variables: {} },
    ...{ name: String(name), pipeline: Number(pipeline) },
  };
}

interface StepGiven extends GivenJob {
  readonly pipeline: number;
}

async function taken(tested: TestedServer, process: string): Promise<StepGiven> {
  const found: { current: StepGiven | null } = { current: null };
  await eventually(async () => {
    found.current ??= await takeAs(tested, process);
    return found.current !== null;
  }).toBe(true);
  if (found.current === null) throw new Error('No job waits');
  return found.current;
}

function placeIn({ wire }: GivenJob): number {
  const { slipway } = wire;
  return typeof slipway === 'object' && slipway !== null && 'place' in slipway ? Number(slipway.place) : 0;
}

async function held(
  { ask, runnerToken: token }: TestedServer,
  process: string,
  left: readonly string[] = [],
  leaving = false,
): Promise<unknown> {
  const body = { token, system_id: 's_1', info: { process }, left, leaving };
  const { status, json } = await ask('POST', '/runners/places', body);
  expect(status).toBe(200);
  return json.held;
}

function jobsOf({ server }: TestedServer, pipeline = 1) {
  return server.parts.store.read((db) => latestJobs(db, pipeline));
}

async function logOf(tested: TestedServer, job: number): Promise<string> {
  const { server, adminToken } = tested;
  const response = await fetch(`${server.address}/api/v4${AT}/jobs/${job}/trace`, {
    headers: { 'PRIVATE-TOKEN': adminToken },
  });
  return await response.text();
}
