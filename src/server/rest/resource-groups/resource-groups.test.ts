import { expect, test } from 'vitest';
import { finishJob, takeIfAny, takeJob } from '../../test-support/driven-jobs.ts';
import { startTestedServer } from '../../test-support/running-server.ts';
import { askRest } from '../test-support/ask-rest.ts';

const FILE = 'deploy: {script: [make], resource_group: production}\n';

test('a resource group is listed, and its mode says who is next', async () => {
  const tested = await startTestedServer();
  const ask = askRest(tested, tested.adminToken);
  const groups = `/projects/${tested.projectId}/resource_groups`;
  await ask('PUT', `/projects/${tested.projectId}`, { auto_cancel_pending_pipelines: 'disabled' });
  for (const changed of ['1', '2', '3']) await tested.push({ '.gitlab-ci.yml': FILE, changed });
  const first = await takeJob(tested);
  expect(await takeIfAny(tested)).toBeNull();
  expect(await ask('GET', groups)).toMatchObject({
    json: [{ key: 'production', process_mode: 'unordered' }],
  });
  expect(await ask('GET', `${groups}/production/current_job`)).toMatchObject({ json: { id: first.id } });
  await expect
    .poll(async () => (await ask('GET', `${groups}/production/upcoming_jobs`)).json)
    .toMatchObject([{ status: 'waiting_for_resource' }, { status: 'waiting_for_resource' }]);
  expect(await ask('PUT', `${groups}/production`, { process_mode: 'newest_first' })).toMatchObject({
    json: { process_mode: 'newest_first' },
  });
  await finishJob(tested, first);
  const next = await takeJob(tested);
  expect(next.variables.CI_PIPELINE_ID).toBe('3');
  expect((await ask('GET', `${groups}/none`)).status).toBe(404);
  expect((await ask('PUT', `${groups}/production`, { process_mode: 'random' })).status).toBe(400);
});

test('a delayed job is taken from its timer, and played', async () => {
  const tested = await startTestedServer();
  const ask = askRest(tested, tested.adminToken);
  const job = `/projects/${tested.projectId}/jobs/1`;
  await tested.push({ '.gitlab-ci.yml': 'later: {script: [make], when: delayed, start_in: 1 hour}\n' });
  const timers = () =>
    tested.server.parts.store.read((db) =>
      db.selectFrom('timers').select('kind').where('kind', '=', 'job-delay').execute(),
    );
  expect(await ask('GET', job)).toMatchObject({ json: { status: 'scheduled' } });
  expect(await timers()).toHaveLength(1);
  expect(await ask('POST', `${job}/unschedule`)).toMatchObject({ status: 200, json: { status: 'manual' } });
  expect(await timers()).toEqual([]);
  expect((await ask('POST', `${job}/unschedule`)).status).toBe(400);
  expect(await ask('POST', `${job}/play`)).toMatchObject({ status: 200, json: { status: 'pending' } });
});

test('a job that no runner could take is stuck', async () => {
  const tested = await startTestedServer();
  const ask = askRest(tested, tested.adminToken);
  const file = 'a: {script: [make], tags: [none]}\nb: {script: [make]}\nc: {script: [make]}\n';
  await tested.push({ '.gitlab-ci.yml': file });
  await takeJob(tested);
  const { json } = await ask('GET', `/projects/${tested.projectId}/pipelines/1/jobs?sort=asc`);
  expect(json).toMatchObject([
    { name: 'a', status: 'pending', stuck: true },
    { name: 'b', stuck: false },
    { name: 'c', stuck: false },
  ]);
});

test('pipelines and projects are deleted', async () => {
  const tested = await startTestedServer();
  const ask = askRest(tested, tested.adminToken);
  const project = `/projects/${tested.projectId}`;
  await tested.push({ '.gitlab-ci.yml': FILE });
  expect((await askRest(tested, null)('DELETE', `${project}/pipelines/1`)).status).toBe(401);
  expect((await ask('DELETE', `${project}/pipelines/1`)).status).toBe(204);
  expect((await ask('GET', `${project}/pipelines/1`)).status).toBe(404);
  expect(await ask('DELETE', project)).toMatchObject({ status: 202 });
  expect((await ask('GET', project)).status).toBe(404);
});
