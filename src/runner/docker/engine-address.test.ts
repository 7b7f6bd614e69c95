import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, engineError } from './engine.ts';
import { findEngineAddress } from './engine-address.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
});
afterAll(() => rm(home, { recursive: true }));

describe('the engine', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { kind: 'socket', path: '/run/user/1000/docker.sock' }],
    ['/run/docker.sock', { kind: 'socket', path: '/run/docker.sock' }],
    ['tcp://127.0.0.1:4000', { kind: 'tcp', host: '127.0.0.1', port: 4000, certificates: null }],
    ['tcp://localhost', { kind: 'tcp', host: 'localhost', port: 2375, certificates: null }],
    ['localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375, certificates: null }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375, certificates: null }],
  ])('is at DOCKER_HOST=%s', async (address, expected) => {
    expect(await findEngineAddress({ DOCKER_HOST: address })).toEqual(expected);
  });

  it('is spoken to with TLS when DOCKER_TLS_VERIFY is set', async () => {
    const env = { DOCKER_HOST: 'tcp://localhost', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    expect(await findEngineAddress(env)).toEqual({
      kind: 'tcp',
      host: 'localhost',
      port: 2376,
      certificates: '/certs',
    });
  });

  it('is the one of the current context', async () => {
    const folder = join(home, '.docker/contexts/meta', createHash('sha256').update('mine').digest('hex'));
    await mkdir(folder, { recursive: true });
    await writeFile(join(home, '.docker/config.json'), '{"currentContext":"mine"}');
    await writeFile(join(folder, 'meta.json'), '{"Endpoints":{"docker":{"Host":"unix:///mine.sock"}}}');
    expect(await findEngineAddress({ HOME: home })).toEqual({ kind: 'socket', path: '/mine.sock' });
    expect(await findEngineAddress({ HOME: home, DOCKER_CONTEXT: 'default' })).toMatchObject({
      kind: 'socket',
    });
    await expect(findEngineAddress({ HOME: home, DOCKER_CONTEXT: 'other' })).rejects.toMatchObject({
      code: 'docker-engine-unavailable',
    });
  });

  it.each(['tcp://192.0.2.7:2375', 'tcp://build.example.com:2376', 'ssh://me@build.example.com'])(
    'at %s is refused, with a way to go on',
    async (address) => {
      await expect(findEngineAddress({ DOCKER_HOST: address })).rejects.toMatchObject({
        code: 'docker-engine-remote',
        hint: expect.stringContaining('--executor shell'),
      });
    },
  );

  it.each(['nonsense://x', 'tcp://', 'tcp://:0:0'])('cannot be at %s', async (address) => {
    await expect(findEngineAddress({ DOCKER_HOST: address })).rejects.toMatchObject({
      code: 'docker-engine-unavailable',
    });
  });

  it('that does not answer is an error that says how to go on', async () => {
    const engine = await connectEngine({ DOCKER_HOST: `unix://${home}/none.sock` });
    const failure: unknown = await engine.ping().catch((error: unknown) => engineError(error, 'ask'));
    expect(failure).toMatchObject({
      code: 'docker-engine-unavailable',
      hint: expect.stringContaining('--executor shell'),
    });
  });

  it('that this user may not use is an error that says so', () => {
    const refused = Object.assign(new Error('connect EACCES'), { code: 'EACCES' });
    expect(engineError(refused, 'ask')).toMatchObject({
      code: 'docker-engine-unavailable',
      hint: expect.stringContaining('group "docker"'),
    });
  });
});
