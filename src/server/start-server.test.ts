import { expect, test } from 'vitest';
import { latestJobs, pipelineById } from '../store/index.ts';
import { startTestedServer, type TestedServer } from './test-support/running-server.ts';

const PIPELINE = `
build:
  script: [make]
test:
  stage: test
  needs: [build]
  script: [make test]
`;

test('a push becomes a pipeline, whose jobs go to a runner one after the other', async () => {
  const tested = await startTestedServer();
  const said = await tested.push({ '.gitlab-ci.yml': PIPELINE });
  expect(said).toMatch(/Pipeline #1 for main:.*\/team\/app\/-\/pipelines\/1/s);
  expect(await jobsOf(tested)).toEqual({ build: 'pending', test: 'created' });

  const build = await take(tested);
  expect(build).toMatchObject({ job_info: { name: 'build' } });
  expect(await jobsOf(tested)).toEqual({ build: 'running', test: 'created' });
  await log(tested, build, 'hello\n');
  await finish(tested, build, { state: 'success' });
  expect(await jobsOf(tested)).toEqual({ build: 'success', test: 'pending' });

  const last = await take(tested);
  await finish(tested, last, { state: 'failed', failure_reason: 'script_failure', exit_code: 3 });
  expect(await jobsOf(tested)).toEqual({ build: 'success', test: 'failed' });
  const pipeline = await tested.server.parts.store.read((db) => pipelineById(db, 1));
  expect(pipeline).toMatchObject({ status: 'failed', iid: 1, ref: 'main', title: 'Change it' });
  expect(await tested.ask('POST', '/jobs/request', { token: tested.runnerToken })).toMatchObject({
    status: 204,
  });
});

test('a file that is not valid is told to its author, and the pipeline says so', async () => {
  const tested = await startTestedServer();
  const said = await tested.push({ '.gitlab-ci.yml': 'build:\n  scripts: [make]\n' });
  expect(said).toMatch(/its file is not valid/);
  expect(said).toMatch(/\.gitlab-ci\.yml:/);
  expect(await tested.server.parts.store.read((db) => pipelineById(db, 1))).toMatchObject({
    status: 'failed',
  });
});

test('a newer push cancels the pipeline it makes redundant', async () => {
  const tested = await startTestedServer();
  const file = 'build:\n  interruptible: true\n  script: [make]\n';
  await tested.push({ '.gitlab-ci.yml': file });
  await tested.push({ a: '1' });
  await expect
    .poll(async () => (await tested.server.parts.store.read((db) => pipelineById(db, 1)))?.status)
    .toBe('canceled');
});

async function jobsOf({ server }: TestedServer): Promise<Readonly<Record<string, string>>> {
  const rows = await server.parts.store.read((db) => latestJobs(db, 1));
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}

interface Given {
  readonly id: number;
  readonly token: string;
}

async function take({ ask, runnerToken }: TestedServer): Promise<Given> {
  const { status, json } = await ask('POST', '/jobs/request', {
    token: runnerToken,
    system_id: 's_1',
    info: { features: { variables: true, artifacts: true } },
  });
  expect(status).toBe(201);
  return { ...json, id: Number(json.id), token: String(json.token) };
}

async function log({ ask }: TestedServer, { id, token }: Given, text: string): Promise<void> {
  const headers = { 'JOB-TOKEN': token, 'Content-Range': `0-${text.length - 1}` };
  expect(await ask('PATCH', `/jobs/${id}/trace`, text, headers)).toMatchObject({ status: 202 });
}

async function finish({ ask }: TestedServer, { id, token }: Given, how: object): Promise<void> {
  expect(await ask('PUT', `/jobs/${id}`, { token, ...how })).toMatchObject({ status: 200 });
}

test('who pushes steps that need one machine is told when no runner can take them', async () => {
  const tested = await startTestedServer();
  const said = await tested.push({
    'cloudbuild.yaml': 'steps:\n  - name: busybox\n    args: [echo, hello]\n',
  });
  expect(said).toMatch(/no runner has been heard of that keeps files for them/);
  expect(said).toMatch(/slipway runner/);
  expect(await tested.server.parts.store.read((db) => pipelineById(db, 1))).toMatchObject({
    status: 'pending',
  });
});
