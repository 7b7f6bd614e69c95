import { expect, test } from 'vitest';
import { createToken } from '../../store/index.ts';
import { newToken } from '../broker/new-token.ts';
import { hashToken } from '../runner-api/token-hash.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { askRest } from './test-support/ask-rest.ts';

test('who asks is found out before anything else', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  const nobody = askRest(tested, null);
  expect(await admin('GET', '/user')).toMatchObject({ status: 200, json: { username: 'root' } });
  expect(await nobody('GET', '/user')).toMatchObject({ status: 401, json: { message: '401 Unauthorized' } });
  expect(await askRest(tested, 'glpat-wrong')('GET', '/projects')).toMatchObject({ status: 401 });
  const bearer = { Authorization: `Bearer ${tested.adminToken}` };
  expect(await nobody('GET', '/user', undefined, bearer)).toMatchObject({ status: 200 });
  expect(await admin('GET', '/nothing/here')).toMatchObject({
    status: 404,
    json: { message: '404 Not Found' },
  });
  expect(await admin('GET', '/projects?owned=true')).toMatchObject({
    status: 400,
    json: { message: 'owned is not supported here' },
  });
});

test('who guesses tokens is not listened to for a while; who has a right one is', async () => {
  const tested = await startTestedServer();
  const [admin, thief] = [askRest(tested, tested.adminToken), askRest(tested, 'glpat-guessed')];
  expect(await admin('GET', '/user')).toMatchObject({ status: 200 });
  for (let job = 0; job < 40; job += 1) {
    const over = { 'JOB-TOKEN': 'glcbt-over' };
    await askRest(tested, null)('GET', '/user', undefined, over);
  }
  for (let guess = 0; guess < 30; guess += 1) expect((await thief('GET', '/user')).status).toBe(401);
  const refused = await thief('GET', '/user');
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await admin('GET', '/user')).toMatchObject({ status: 200 });
});

test('the token of a project opens that project alone, and tells of no other', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  expect(await admin('POST', '/projects', { name: 'Other', namespace_path: 'team' })).toMatchObject({
    status: 201,
    json: { path_with_namespace: 'team/other' },
  });
  const writer = askRest(tested, await projectToken(tested, ['api']));
  const reader = askRest(tested, await projectToken(tested, ['read_api']));
  const git = askRest(tested, await projectToken(tested, ['read_repository']));
  expect(await writer('GET', '/projects/team%2Fapp')).toMatchObject({ status: 200 });
  expect(await writer('GET', '/projects/team%2Fother')).toMatchObject({ status: 404 });
  expect(await writer('GET', '/projects/team%2Fnone')).toMatchObject({ status: 404 });
  expect((await writer('GET', '/projects')).json).toMatchObject([{ path_with_namespace: 'team/app' }]);
  expect(await writer('POST', '/projects', { name: 'Mine' })).toMatchObject({ status: 403 });
  expect(await reader('GET', '/projects/team%2Fapp')).toMatchObject({ status: 200 });
  expect(await reader('PUT', '/projects/team%2Fapp', { name: 'Mine' })).toMatchObject({ status: 403 });
  expect(await git('GET', '/projects/team%2Fapp')).toMatchObject({ status: 401 });
});

test('projects are made, changed and listed; names that cannot be are refused', async () => {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  expect(await admin('POST', '/projects', { path: 'app', namespace_path: 'team' })).toMatchObject({
    status: 400,
    json: { message: { path: ['has already been taken'] } },
  });
  for (const path of ['..', '-x', 'a.git', 'a b', '']) {
    expect(await admin('POST', '/projects', { path, namespace_path: 'team' })).toMatchObject({ status: 400 });
  }
  expect(await admin('POST', '/projects', { name: 'Größe 2', default_branch: 'a..b' })).toMatchObject({
    status: 400,
  });
  const made = await admin('POST', '/projects', { name: 'Größe 2', visibility: 'public', build_timeout: 60 });
  expect(made.json).toMatchObject({
    path_with_namespace: 'root/gro-e-2',
    build_timeout: 60,
    default_branch: 'main',
  });
  expect(await admin('PUT', '/projects/root%2Fgro-e-2', { default_branch: 'trunk' })).toMatchObject({
    status: 200,
    json: { default_branch: 'trunk', build_timeout: 60, name: 'Größe 2' },
  });
  expect((await admin('GET', '/projects?search=GRO')).json).toMatchObject([{ name: 'Größe 2' }]);
  expect((await admin('GET', '/projects?search=%25')).json).toEqual([]);
  expect((await askRest(tested, null)('GET', '/projects')).json).toMatchObject([{ name: 'Größe 2' }]);
});

async function projectToken({ server, projectId }: TestedServer, scopes: readonly string[]): Promise<string> {
  const token = newToken('glpat');
  await server.parts.store.write(({ db }) =>
    createToken(db, {
      ...{ kind: 'project', name: 'bot', projectId, scopes, expiresAt: null },
      ...{ now: server.parts.clock.now(), tokenHash: hashToken(token) },
    }),
  );
  return token;
}
