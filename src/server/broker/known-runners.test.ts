import { expect, test } from 'vitest';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

test('a runner that waits is not sent away by what is none of its business', async () => {
  const tested = await startTestedServer();
  const key = await toldKey(tested);
  let answers = 0;
  const waiting = [0, 1, 2].map(() => request(tested, key).finally(() => (answers += 1)));
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  expect((await Promise.race(waiting)).json).toMatchObject({ job_info: { name: 'build' } });
  // What the others know of the queue is old by now: they wait all the same, and so does one who comes with it.
  waiting.push(request(tested, key));
  await tested.push({ '.gitlab-ci.yml': 'test:\n  tags: [other]\n  script: [make]\n' });
  await tested.push({ '.gitlab-ci.yml': 'again:\n  script: [make]\n' });
  await expect.poll(() => answers).toBe(2);
  await tested.push({ '.gitlab-ci.yml': 'a:\n  script: [make]\nb:\n  script: [make]\n' });
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(statuses).toEqual([201, 201, 201, 201]);
});

test('a runner that is changed while it waits takes what it may take now', async () => {
  const tested = await startTestedServer();
  const key = await toldKey(tested);
  await tested.push({ '.gitlab-ci.yml': 'build:\n  tags: [big]\n  script: [make]\n' });
  const waiting = request(tested, key);
  await change(tested, 'PUT', { tag_list: ['big'] });
  const answer = await waiting;
  const got = answer.status === 201 ? answer : await request(tested, keyOf(answer));
  expect(got.json).toMatchObject({ job_info: { name: 'build' } });
});

test('a runner that is paused while it waits gets nothing, and then what has come meanwhile', async () => {
  const tested = await startTestedServer();
  const waiting = request(tested, await toldKey(tested));
  await change(tested, 'PUT', { paused: true });
  const paused = request(tested, keyOf(await waiting));
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  await change(tested, 'PUT', { paused: false });
  expect((await request(tested, keyOf(await paused))).status).toBe(201);
});

test('a runner that is removed while it waits gets nothing any more', async () => {
  const tested = await startTestedServer();
  const waiting = request(tested, await toldKey(tested));
  await change(tested, 'DELETE');
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  expect([403, 204]).toContain((await waiting).status);
  expect((await request(tested)).status).toBe(403);
});

function request({ ask, runnerToken }: TestedServer, lastUpdate = '') {
  return ask('POST', '/jobs/request', { token: runnerToken, system_id: 's', last_update: lastUpdate });
}

async function toldKey(tested: TestedServer): Promise<string> {
  return keyOf(await request(tested));
}

function keyOf({ status, headers }: { readonly status: number; readonly headers: Headers }): string {
  expect(status).toBe(204);
  return headers.get('x-gitlab-last-update') ?? '';
}

async function change(tested: TestedServer, method: string, body?: object): Promise<void> {
  // The only one there is.
  const answer = await tested.ask(method, '/runners/1', body, { 'PRIVATE-TOKEN': tested.adminToken });
  expect(answer.status).toBeLessThan(300);
}
