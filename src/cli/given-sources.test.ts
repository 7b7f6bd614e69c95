import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitHttpServer, serveGit } from '../includes/test-support/git-http-server.ts';
import { makeRepository, publish } from '../includes/test-support/repository.ts';
import { callProgram, commitProject, gitIn } from './test-support/call-program.ts';

let base = '';
let server: GitHttpServer;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-includes-'));
  makeRepository(join(base, 'ci'), {
    main: {
      'build.yml': 'include: /base.yml\nbuild: {extends: .base, script: make}\n',
      'base.yml': '.base: {retry: 1}\n',
    },
    '1.0.0': { 'templates/lint.yml': 'lint: {script: old}\n' },
    '1.2.0': { 'templates/lint.yml': 'lint: {script: new}\n' },
  });
  publish(join(base, 'ci'), join(base, 'served/platform/ci.git'));
  server = await serveGit(join(base, 'served'), 's3cret');
  await commitProject(join(base, 'shop'), {
    '.gitlab-ci.yml': `
include:
  - project: platform/ci
    file: build.yml
  - component: $CI_SERVER_FQDN/platform/ci/lint@1
unit: {script: make test}
`,
  });
  gitIn(join(base, 'shop'), 'remote', 'add', 'origin', `${server.url}/company/shop.git`);
});
afterAll(async () => {
  await server.close();
  await rm(base, { recursive: true });
});

function slipway(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const environment = { PATH: process.env.PATH, HOME: base, XDG_CACHE_HOME: join(base, 'cache'), ...more };
  return callProgram(join(base, 'shop'), args, environment);
}

test('the first command fetches, and those after it need no server', async () => {
  const denied = await slipway(['lint']);
  expect(denied.exitCode).toBe(2);
  expect(denied.stderr).toContain(
    '.gitlab-ci.yml:3:14: error: Project `platform/ci` not found or access denied!',
  );
  expect(denied.stderr).toContain('SLIPWAY_TOKEN');

  const first = await slipway(['list', '--names'], { SLIPWAY_TOKEN: 's3cret' });
  expect(first).toEqual({ exitCode: 0, stdout: 'build\nlint\nunit\n', stderr: '' });
  const lock = await readFile(join(base, 'shop/.slipway/includes.lock'), 'utf8');
  expect(Object.keys(JSON.parse(lock).projects)).toEqual([`${server.url}/platform/ci`]);

  const asked = server.requests.length;
  for (const command of [['lint'], ['list'], ['graph'], ['explain', 'lint'], ['expand']]) {
    expect((await slipway([...command, '--offline'])).exitCode).toBe(0);
  }
  expect((await slipway(['explain', 'build'])).stdout).toContain('platform/ci@HEAD:base.yml:1');
  expect((await slipway(['run', '--executor', 'shell', '--no-sandbox', 'lint'])).stdout).toContain('new');
  expect(server.requests).toHaveLength(asked);
  expect((await slipway(['list', '--refresh'], { SLIPWAY_TOKEN: 's3cret' })).exitCode).toBe(0);
  expect(server.requests.length).toBeGreaterThan(asked);
});

test('a checkout stands in, and then nobody is asked', async () => {
  const asked = server.requests.length;
  const { stdout } = await slipway(['list', '--names', '--project', `platform/ci=${join(base, 'ci')}`]);
  expect(stdout).toBe('build\nlint\nunit\n');
  expect(server.requests).toHaveLength(asked);
});

test.each([
  [['--refresh', '--offline'], '--refresh fetches and --offline does not'],
  [['--server', 'gitlab.example.com'], 'is no address of a server'],
  [['--server', 'file:///srv/git'], 'is no address of a server'],
  [['--server', 'ssh://-oProxyCommand=x/'], 'is no address of a server'],
  [['--server', 'https://me:password@gitlab.example.com'], 'is no address of a server'],
])('%j is refused', async (args, text) => {
  const { exitCode, stderr } = await slipway(['lint', ...args]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(text);
  expect(stderr).not.toContain('password@');
});
