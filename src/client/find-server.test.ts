import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findServer, type ServerWishes } from './find-server.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-find-'));
  await writeFile(join(folder, 'server.address'), 'http://127.0.0.1:8800\n');
  await writeFile(join(folder, 'admin.token'), 'glpat-own\n');
  await writeFile(join(folder, 'other'), 'glpat-file\n');
});
afterAll(() => rm(folder, { recursive: true }));

const find = (wishes: Partial<ServerWishes> = {}, environment: ServerWishes['environment'] = {}) =>
  findServer({ server: undefined, tokenFile: undefined, dataFolder: folder, environment, ...wishes });

test('the server of this machine is found, with its token', async () => {
  expect(await find()).toEqual({ address: 'http://127.0.0.1:8800', token: 'glpat-own' });
  expect(await find({ server: 'http://127.0.0.1:8800/' })).toMatchObject({ token: 'glpat-own' });
});

test('its token goes to no other server', async () => {
  await expect(find({ server: 'http://127.0.0.1:8801' })).rejects.toMatchObject({ code: 'no-token' });
  await expect(find({}, { SLIPWAY_SERVER: 'https://elsewhere' })).rejects.toMatchObject({ code: 'no-token' });
});

test('what is said beats the environment, and both what is found', async () => {
  const environment = { SLIPWAY_SERVER: 'https://ci.example.org/', SLIPWAY_TOKEN: 'glpat-env' };
  expect(await find({}, environment)).toEqual({ address: 'https://ci.example.org', token: 'glpat-env' });
  const said = { server: 'https://other.example.org/base/', tokenFile: join(folder, 'other') };
  expect(await find(said, environment)).toEqual({
    address: 'https://other.example.org/base',
    token: 'glpat-file',
  });
});

test.each([
  ['no-server', { dataFolder: '/nowhere' }],
  ['bad-server-address', { server: 'ci.example.org' }],
  ['token-not-read', { tokenFile: '/nowhere/token' }],
])('%s', async (code, wishes) => {
  await expect(find(wishes)).rejects.toMatchObject({ code });
});

test.each(['glpat-a\nsecond', 'glpat a', 'glpat-ü'])(
  'a token that cannot be one is not shown: %j',
  async (token) => {
    const finding = find({}, { SLIPWAY_TOKEN: token });
    await expect(finding).rejects.toMatchObject({ code: 'bad-token' });
    await expect(finding).rejects.toThrow(/^(?!.*glpat)/s);
  },
);
