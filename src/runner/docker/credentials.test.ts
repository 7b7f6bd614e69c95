import { describe, expect, it } from 'vitest';
import { findCredentials, readDockerConfig } from './credentials.ts';

const NOBODY = { HOME: '/nonexistent' };
const auth = (login: string) => Buffer.from(login).toString('base64');

describe('DOCKER_AUTH_CONFIG', () => {
  it.each([
    { key: 'registry.example:5000', registry: 'registry.example:5000' },
    { key: 'https://registry.example', registry: 'registry.example' },
    { key: 'https://index.docker.io/v1/', registry: 'docker.io' },
  ])('names $registry by $key', async ({ key, registry }) => {
    const config = JSON.stringify({ auths: { [key]: { auth: auth('me:pass:word') } } });
    expect(await findCredentials(registry, new Map([['DOCKER_AUTH_CONFIG', config]]), NOBODY)).toEqual({
      username: 'me',
      password: 'pass:word',
      serveraddress: registry,
    });
    expect(await findCredentials('other', new Map([['DOCKER_AUTH_CONFIG', config]]), NOBODY)).toBeNull();
  });

  it('cannot name a program to run', async () => {
    const config = JSON.stringify({ credsStore: 'evil', credHelpers: { r: 'evil' } });
    expect(await findCredentials('r', new Map([['DOCKER_AUTH_CONFIG', config]]), NOBODY)).toBeNull();
  });
});

it.each([
  '',
  'no json',
  '[]',
  'null',
  '{"auths":7}',
  '{"auths":{"r":{"auth":"bm9jb2xvbg=="}}}',
  '{"credsStore":"../x"}',
])('finds nothing in %j', (json) => {
  expect(readDockerConfig(json)).toEqual({ auths: new Map(), helpers: new Map(), store: null });
});
