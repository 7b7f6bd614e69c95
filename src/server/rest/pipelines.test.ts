import { expect, test } from 'vitest';
import { finishJob, takeJob, writeLog } from '../test-support/driven-jobs.ts';
import { startTestedServer } from '../test-support/running-server.ts';
import { askRest } from './test-support/ask-rest.ts';

const FILE = `
spec:
  inputs:
    who: { default: you }
---
build:
  script: [make, 'echo $[[ inputs.who ]]']
later:
  when: manual
  script: [make later]
`;

const AT = '/projects/team%2Fapp';

test('a pipeline is started, looked at, canceled and retried', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': FILE }, '-o', 'ci.skip');
  expect(await admin('GET', `${AT}/pipelines`)).toMatchObject({ status: 200, json: [] });
  expect(await admin('POST', `${AT}/pipeline`, { ref: 'nowhere' })).toMatchObject({
    status: 400,
    json: { message: { base: ['Reference not found'] } },
  });
  const variables = [{ key: 'MODE', value: 'fast' }];
  const made = await admin('POST', `${AT}/pipeline`, { ref: 'main', variables, inputs: { who: 'me' } });
  expect(made).toMatchObject({
    status: 201,
    json: { id: 1, iid: 1, ref: 'main', source: 'api', status: 'pending' },
  });
  expect(await admin('GET', `${AT}/pipelines/1/variables`)).toMatchObject({
    json: [{ key: 'MODE', value: 'fast', variable_type: 'env_var' }],
  });
  const job = await takeJob(tested);
  expect(JSON.stringify(job.wire)).toContain('echo me');
  await finishJob(tested, job, { state: 'failed', failure_reason: 'script_failure', exit_code: 4 });
  expect(await admin('GET', `${AT}/jobs/${job.id}`)).toMatchObject({
    json: {
      status: 'failed',
      failure_reason: 'script_failure',
      exit_code: 4,
      runner: { description: 'test' },
    },
  });
  expect(await admin('GET', `${AT}/pipelines/1`)).toMatchObject({ json: { status: 'failed' } });
  expect(await admin('POST', `${AT}/pipelines/1/retry`)).toMatchObject({
    status: 201,
    json: { status: 'pending' },
  });
  expect((await admin('GET', `${AT}/pipelines/1/jobs?include_retried=true`)).json).toMatchObject([
    { name: 'build', status: 'pending', attempt: 2 },
    { name: 'later', status: 'manual' },
    { name: 'build', status: 'failed', attempt: 1 },
  ]);
  expect((await admin('GET', `${AT}/pipelines/1/jobs?scope[]=manual`)).json).toMatchObject([
    { name: 'later' },
  ]);
  expect(await admin('POST', `${AT}/pipelines/1/cancel`)).toMatchObject({
    status: 200,
    json: { status: 'canceled' },
  });
  expect(await admin('GET', `${AT}/pipelines/latest`)).toMatchObject({ json: { id: 1, status: 'canceled' } });
  expect(await admin('GET', `${AT}/pipelines/2`)).toMatchObject({ status: 404 });
});

test('a manual job is played with variables, and a job that is over is retried', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': 'later:\n  when: manual\n  script: [make later]\n' });
  const played = await admin('POST', `${AT}/jobs/1/play`, {
    job_variables_attributes: [{ key: 'WHERE', value: 'there' }],
  });
  expect(played).toMatchObject({ status: 200, json: { status: 'pending', name: 'later' } });
  expect(await admin('POST', `${AT}/jobs/1/play`)).toMatchObject({
    status: 400,
    json: { message: 'Unplayable Job' },
  });
  const job = await takeJob(tested);
  expect(job.wire.variables).toContainEqual(expect.objectContaining({ key: 'WHERE', value: 'there' }));
  expect(await admin('POST', `${AT}/jobs/1/retry`)).toMatchObject({ status: 403 });
  await finishJob(tested, job, { state: 'success' });
  expect(await admin('POST', `${AT}/jobs/1/retry`)).toMatchObject({
    status: 201,
    json: { attempt: 2, id: 2 },
  });
  expect(await admin('POST', `${AT}/jobs/2/cancel`)).toMatchObject({
    status: 201,
    json: { status: 'canceled' },
  });
  expect(await admin('POST', `${AT}/jobs/1/retry`)).toMatchObject({ status: 403 });
});

test('lists go on page by page, by number or by cursor', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  for (let count = 0; count < 4; count += 1) await admin('POST', `${AT}/pipeline`, { ref: 'main' });
  const idsOf = (json: unknown) => (Array.isArray(json) ? json.map(({ id }) => id) : null);

  const first = await admin('GET', `${AT}/pipelines?per_page=2`);
  expect(idsOf(first.json)).toEqual([5, 4]);
  expect(first.headers.get('x-next-page')).toBe('2');
  const last = await admin('GET', `${AT}/pipelines?per_page=2&page=3`);
  expect(idsOf(last.json)).toEqual([1]);
  expect(last.headers.get('x-next-page')).toBe('');
  expect(await admin('GET', `${AT}/pipelines?page=9999`)).toMatchObject({ status: 405 });

  const seen: unknown[] = [];
  let next: string | undefined = `${AT}/pipelines?pagination=keyset&per_page=2&sort=asc`;
  while (next !== undefined) {
    const page = await admin('GET', next);
    seen.push(...(idsOf(page.json) ?? []));
    const [, link] = /<[^>]*\/api\/v4([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '') ?? [];
    next = link;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(await admin('GET', `${AT}/pipelines?cursor=bm8`)).toMatchObject({ status: 400 });
  expect(idsOf((await admin('GET', `${AT}/jobs?scope=pending&scope=failed&per_page=3`)).json)).toEqual([
    5, 4, 3,
  ]);
  expect(idsOf((await admin('GET', `${AT}/pipelines?source=push`)).json)).toEqual([1]);
  expect(idsOf((await admin('GET', `${AT}/pipelines?ref=other`)).json)).toEqual([]);
  expect(await admin('GET', `${AT}/pipelines?status=done`)).toMatchObject({ status: 400 });
});

test('a log is read while it grows: all, a part, or what comes', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  expect(await admin('GET', `${AT}/jobs/1/trace`)).toMatchObject({ status: 200, text: '' });
  const job = await takeJob(tested);
  await writeLog(tested, job, 'one\n');
  expect(await admin('GET', `${AT}/jobs/1/trace`)).toMatchObject({ status: 200, text: 'one\n' });
  expect(await admin('GET', `${AT}/jobs/1/trace`, undefined, { Range: 'bytes=1-2' })).toMatchObject({
    status: 206,
    text: 'ne',
  });
  expect(await admin('GET', `${AT}/jobs/1/trace`, undefined, { Range: 'bytes=4-' })).toMatchObject({
    status: 416,
  });
  const followed = admin('GET', `${AT}/jobs/1/trace?follow=true`, undefined, { Range: 'bytes=1-' });
  await writeLog(tested, job, 'two\n', 4);
  await finishJob(tested, job, { state: 'success' });
  expect(await followed).toMatchObject({ status: 206, text: 'ne\ntwo\n' });
});

test('bodies are JSON, forms of both kinds, or stand in the address', async () => {
  const tested = await startTestedServer();
  const { server, adminToken } = tested;
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' }, '-o', 'ci.skip');
  const send = async (query: string, body?: URLSearchParams | FormData) => {
    const init = {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': adminToken },
      ...(body === undefined ? {} : { body }),
    };
    return (await fetch(`${server.address}/api/v4${AT}/pipeline${query}`, init)).status;
  };
  const fields: [string, string][] = [
    ['ref', 'main'],
    ['variables[][key]', 'MODE'],
    ['variables[][value]', 'fast'],
  ];
  const form = new FormData();
  for (const [name, value] of fields) form.set(name, value);
  expect(await send('', new URLSearchParams(fields))).toBe(201);
  expect(await send('', form)).toBe(201);
  expect(await send('?ref=main&variables[][key]=MODE&variables[][value]=fast')).toBe(201);
  const admin = askRest(tested, adminToken);
  for (const id of [1, 2, 3]) {
    expect((await admin('GET', `${AT}/pipelines/${id}/variables`)).json).toMatchObject([
      { key: 'MODE', value: 'fast' },
    ]);
  }
  form.set('attached', new Blob(['x']), 'x.txt');
  expect(await send('', form)).toBe(413);
  expect(await send('?ref=main&what=ever')).toBe(400);
});

test('a body of nothing is none, though it is called JSON', async () => {
  const tested = await startTestedServer();
  const json = { 'Content-Type': 'application/json' };
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': 'work: {script: [make]}\n' });
  expect(await admin('POST', `${AT}/pipelines/1/cancel`, undefined, json)).toMatchObject({ status: 200 });
  // What has to be said has to be said.
  expect(await admin('POST', `${AT}/protected_branches`, undefined, json)).toMatchObject({ status: 400 });
});
