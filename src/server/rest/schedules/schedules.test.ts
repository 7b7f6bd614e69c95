import { expect, test } from 'vitest';
import { takeJob } from '../../test-support/driven-jobs.ts';
import { startTestedServer } from '../../test-support/running-server.ts';
import { askRest } from '../test-support/ask-rest.ts';

const FILE = 'nightly: {script: [make], rules: [{if: "$CI_PIPELINE_SOURCE == \'schedule\'"}]}\n';

async function open() {
  const tested = await startTestedServer();
  await tested.push({ '.gitlab-ci.yml': FILE });
  const ask = askRest(tested, tested.adminToken);
  const schedules = `/projects/${tested.projectId}/pipeline_schedules`;
  const add = (more: object = {}) =>
    ask('POST', schedules, { description: 'nightly', ref: 'main', cron: '0 1 * * *', ...more });
  return { tested, ask, schedules, add };
}

test('a schedule is made, changed, listed and removed', async () => {
  const { tested, ask, schedules, add } = await open();
  const made = await add({ cron_timezone: 'Asia/Tokyo', inputs: [{ name: 'a', value: [1] }] });
  expect(made).toMatchObject({
    status: 201,
    json: {
      ...{ id: 1, ref: 'refs/heads/main', cron_timezone: 'Asia/Tokyo', active: true, last_pipeline: null },
      ...{ next_run_at: expect.stringMatching(/T16:00:00/), owner: { username: 'root' }, problem: null },
      inputs: [{ name: 'a', value: [1] }],
    },
  });
  expect(await ask('GET', `${schedules}?scope=inactive`)).toMatchObject({ status: 200, json: [] });
  const changed = await ask('PUT', `${schedules}/1`, {
    active: false,
    inputs: [{ name: 'a', destroy: true }],
  });
  expect(changed).toMatchObject({ status: 200, json: { active: false, next_run_at: null, inputs: [] } });
  expect(await ask('GET', `${schedules}?scope=inactive`)).toMatchObject({ json: [{ id: 1 }] });
  expect(await ask('POST', `${schedules}/1/take_ownership`)).toMatchObject({ status: 201, json: { id: 1 } });
  const other = await tested.addProject('team/other', { a: '1' });
  expect((await ask('GET', `/projects/${other}/pipeline_schedules/1`)).status).toBe(404);
  expect((await ask('DELETE', `${schedules}/1`)).status).toBe(204);
  expect((await ask('GET', `${schedules}/1`)).status).toBe(404);
});

test.each([
  ['cron', { cron: 'often' }, { cron: [expect.stringContaining('five fields')] }],
  ['cron_timezone', { cron_timezone: 'Mars' }, { cron_timezone: [expect.stringContaining('no time zone')] }],
  ['ref', { ref: 'nowhere' }, { ref: ['does not exist'] }],
])('what is wrong with its %s is said', async (_field, given, message) => {
  const { add } = await open();
  expect(await add(given)).toMatchObject({ status: 400, json: { message } });
});

test('it gives its variables to the pipeline that somebody plays', async () => {
  const { tested, ask, schedules, add } = await open();
  await add({ active: false });
  const variables = `${schedules}/1/variables`;
  expect(await ask('POST', variables, { key: 'A', value: '1' })).toMatchObject({
    status: 201,
    json: { key: 'A' },
  });
  expect((await ask('POST', variables, { key: 'A', value: '2' })).status).toBe(400);
  await ask('POST', variables, { key: 'B', value: 'x' });
  expect(await ask('PUT', `${variables}/A`, { value: '3' })).toMatchObject({
    status: 200,
    json: { value: '3' },
  });
  expect((await ask('DELETE', `${variables}/B`)).status).toBe(202);
  expect((await ask('DELETE', `${variables}/B`)).status).toBe(404);
  expect((await ask('POST', `${schedules}/1/play`)).status).toBe(201);
  const job = await takeJob(tested);
  expect(job.variables.A).toBe('3');
  expect(job.variables.B).toBeUndefined();
  expect(await ask('GET', `${schedules}/1`)).toMatchObject({
    json: { last_pipeline: { id: 1, ref: 'main' }, variables: [{ key: 'A', value: '3' }] },
  });
});

test('who may only read sees no variables, and changes nothing', async () => {
  const { tested, ask, schedules, add } = await open();
  await add();
  await ask('POST', `${schedules}/1/variables`, { key: 'A', value: 'secret' });
  await ask('PUT', `/projects/${tested.projectId}`, { visibility: 'public' });
  const nobody = askRest(tested, null);
  const seen = await nobody('GET', `${schedules}/1`);
  expect(seen.status).toBe(200);
  expect(seen.text).not.toContain('secret');
  await expectRefused(nobody, schedules);
});

async function expectRefused(ask: ReturnType<typeof askRest>, schedules: string): Promise<void> {
  for (const [method, path] of [
    ['DELETE', `${schedules}/1`],
    ['POST', `${schedules}/1/play`],
    ['POST', `${schedules}/1/take_ownership`],
    ['DELETE', `${schedules}/1/variables/A`],
  ] as const) {
    expect((await ask(method, path)).status).toBe(401);
  }
}
