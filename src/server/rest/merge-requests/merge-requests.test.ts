import { expect, test } from 'vitest';
import { client } from '../../git/test-support/git-server.ts';
import { takeJob } from '../../test-support/driven-jobs.ts';
import { startTestedServer } from '../../test-support/running-server.ts';
import { askRest } from '../test-support/ask-rest.ts';

const FILE = 'check: {script: [make], rules: [{if: "$CI_MERGE_REQUEST_IID"}]}\n';

async function open() {
  const tested = await startTestedServer();
  await tested.push({ '.gitlab-ci.yml': FILE });
  await client(tested.clone, 'push', 'origin', 'HEAD:topic');
  const ask = askRest(tested, tested.adminToken);
  const requests = `/projects/${tested.projectId}/merge_requests`;
  const add = (more: object = {}) =>
    ask('POST', requests, { source_branch: 'topic', target_branch: 'main', title: 'Draft: it', ...more });
  return { tested, ask, requests, add };
}

test('a merge request is made with its pipeline, changed, closed and opened again', async () => {
  const { tested, ask, requests, add } = await open();
  expect(await add({ labels: 'a, b,a' })).toMatchObject({
    status: 201,
    json: { iid: 1, state: 'opened', draft: true, labels: ['a', 'b'], source_branch: 'topic' },
  });
  expect(await takeJob(tested)).toMatchObject({ name: 'check' });
  expect(await add()).toMatchObject({ status: 409 });
  expect(await ask('PUT', `${requests}/1`, { title: 'It', state_event: 'close' })).toMatchObject({
    status: 200,
    json: { title: 'It', state: 'closed', draft: false, closed_at: expect.any(String) },
  });
  expect(await ask('GET', `${requests}?state=opened`)).toMatchObject({ json: [] });
  expect(await ask('GET', `${requests}?state=closed&source_branch=topic`)).toMatchObject({
    json: [{ iid: 1 }],
  });
  expect(await add()).toMatchObject({ status: 201, json: { iid: 2 } });
  expect(await ask('PUT', `${requests}/1`, { state_event: 'reopen' })).toMatchObject({ status: 409 });
});

test('its pipelines are listed and made', async () => {
  const { tested, ask, requests, add } = await open();
  await add();
  await takeJob(tested);
  const made = await ask('POST', `${requests}/1/pipelines`);
  expect(made).toMatchObject({
    status: 201,
    json: { source: 'merge_request_event', ref: 'refs/merge-requests/1/head' },
  });
  const listed = await ask('GET', `${requests}/1/pipelines`);
  expect(listed.json).toHaveLength(2);
  await client(tested.clone, 'push', 'origin', ':topic');
  expect(await ask('POST', `${requests}/1/pipelines`)).toMatchObject({ status: 400 });
  expect((await ask('GET', `${requests}/9/pipelines`)).status).toBe(404);
});

test.each([
  ['a source that is not there', { source_branch: 'nowhere' }, { source_branch: ['does not exist'] }],
  ['a target that is not there', { target_branch: 'nowhere' }, { target_branch: ['does not exist'] }],
  [
    'an option in place of a branch',
    { target_branch: '--upload-pack=x' },
    { target_branch: ['does not exist'] },
  ],
  ['the same branch twice', { source_branch: 'main' }, { branch_conflict: [expect.any(String)] }],
])('%s is refused', async (_what, given, message) => {
  const { add } = await open();
  expect(await add(given)).toMatchObject({ status: 400, json: { message } });
});
