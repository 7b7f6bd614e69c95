import { expect, test } from 'vitest';
import { takeJob } from '../test-support/driven-jobs.ts';
import { startTestedServer } from '../test-support/running-server.ts';
import { askRest } from './test-support/ask-rest.ts';

const AT = '/projects/team%2Fapp';

test('variables are set, changed, kept apart by scope, and hidden for ever when asked to be', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  const made = await admin('POST', `${AT}/variables`, {
    key: 'TOKEN',
    value: 'abcdefgh',
    masked_and_hidden: true,
  });
  expect(made).toMatchObject({
    status: 201,
    json: { key: 'TOKEN', value: null, masked: true, hidden: true },
  });
  expect(await admin('POST', `${AT}/variables`, { key: 'TOKEN', value: 'x' })).toMatchObject({ status: 400 });
  expect(await admin('POST', `${AT}/variables`, { key: 'SHORT', value: 'abc', masked: true })).toMatchObject({
    status: 400,
    json: { message: { value: [expect.stringMatching(/8 characters/)] } },
  });
  const live = { key: 'TOKEN', value: 'for live', environment_scope: 'live' };
  expect(await admin('POST', `${AT}/variables`, live)).toMatchObject({ status: 201 });
  expect(await admin('GET', `${AT}/variables/TOKEN`)).toMatchObject({ status: 409 });
  const which = '?filter[environment_scope]=live';
  expect(await admin('PUT', `${AT}/variables/TOKEN${which}`, { value: 'new' })).toMatchObject({
    json: { value: 'new', environment_scope: 'live' },
  });
  expect(await admin('DELETE', `${AT}/variables/TOKEN${which}`)).toMatchObject({ status: 204, text: '' });
  expect(await admin('GET', `${AT}/variables/TOKEN`)).toMatchObject({ status: 200, json: { value: null } });
  expect(await admin('POST', '/admin/ci/variables', { key: 'ALL', value: '1' })).toMatchObject({
    status: 201,
  });
  expect((await admin('GET', '/admin/ci/variables')).json).toMatchObject([{ key: 'ALL' }]);
  expect((await admin('GET', `${AT}/variables`)).json).toMatchObject([{ key: 'TOKEN' }]);

  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  const { wire: message } = await takeJob(tested);
  expect(message.variables).toContainEqual(
    expect.objectContaining({ key: 'TOKEN', value: 'abcdefgh', masked: true }),
  );
  expect(message.variables).toContainEqual(expect.objectContaining({ key: 'ALL', value: '1' }));
});

test('branches and tags are protected by name or pattern', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  expect((await admin('GET', `${AT}/protected_branches`)).json).toMatchObject([{ name: 'main' }]);
  expect(await admin('POST', `${AT}/protected_branches`, { name: 'release/*' })).toMatchObject({
    status: 201,
  });
  expect(await admin('POST', `${AT}/protected_branches`, { name: 'release/*' })).toMatchObject({
    status: 409,
  });
  expect(await admin('DELETE', `${AT}/protected_branches/main`)).toMatchObject({ status: 204 });
  expect((await admin('GET', `${AT}/protected_branches`)).json).toMatchObject([{ name: 'release/*' }]);
  expect(await admin('POST', `${AT}/protected_tags`, { name: 'v*' })).toMatchObject({ status: 201 });
  expect((await admin('GET', `${AT}/protected_tags`)).json).toMatchObject([{ name: 'v*' }]);
});

test('a runner is made, registers with its token, is paused, and removed', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  const made = await admin('POST', '/user/runners', {
    runner_type: 'project_type',
    project_id: 1,
    tag_list: 'a, b',
  });
  expect(made.status).toBe(201);
  const token =
    typeof made.json === 'object' && made.json !== null && 'token' in made.json ? made.json.token : '';
  expect(await tested.ask('POST', '/runners/verify', { token, system_id: 's_9' })).toMatchObject({
    status: 200,
  });
  expect(await admin('GET', '/runners/2')).toMatchObject({
    json: {
      tag_list: ['a', 'b'],
      run_untagged: false,
      online: true,
      projects: [{ id: 1 }],
      managers: [{ system_id: 's_9' }],
    },
  });
  expect((await admin('GET', `${AT}/runners`)).json).toMatchObject([{ id: 2 }, { id: 1 }]);
  expect(await admin('PUT', '/runners/2', { paused: true, run_untagged: true })).toMatchObject({
    json: { paused: true },
  });
  const reset = await admin('POST', '/runners/2/reset_authentication_token');
  expect(reset.status).toBe(201);
  expect(await tested.ask('POST', '/runners/verify', { token })).toMatchObject({ status: 403 });
  expect(await admin('DELETE', '/runners/2')).toMatchObject({ status: 204 });
  expect(await admin('GET', '/runners/2')).toMatchObject({ status: 404 });
});

test('a token is shown once, is good for what it says, and can be revoked', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  const past = { name: 'ci', scopes: ['api'], expires_at: '2001-01-01' };
  expect(await admin('POST', `${AT}/access_tokens`, past)).toMatchObject({ status: 400 });
  const made = await admin('POST', `${AT}/access_tokens`, { name: 'ci', scopes: ['read_api'] });
  const token =
    typeof made.json === 'object' && made.json !== null && 'token' in made.json ? made.json.token : '';
  const bot = askRest(tested, String(token));
  expect(await bot('GET', '/user')).toMatchObject({ status: 200, json: { name: 'ci' } });
  expect(await bot('GET', `${AT}/access_tokens`)).toMatchObject({ status: 403 });
  const listed = await admin('GET', `${AT}/access_tokens`);
  expect(listed.json).toMatchObject([{ name: 'ci', last_used_at: expect.any(String) }]);
  expect(listed.text).not.toContain(String(token));
  expect(await admin('DELETE', `${AT}/access_tokens/2`)).toMatchObject({ status: 204 });
  expect(await bot('GET', '/user')).toMatchObject({ status: 401 });
  expect((await admin('GET', `${AT}/access_tokens?state=active`)).json).toEqual([]);
});
