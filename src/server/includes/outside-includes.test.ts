import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type GitHttpServer, serveGit } from '../../includes/test-support/git-http-server.ts';
import { makeRepository, publish } from '../../includes/test-support/repository.ts';
import { statusesOf } from '../test-support/driven-jobs.ts';
import { startTestedServer } from '../test-support/running-server.ts';
import { createOutsideIncludes } from './outside-includes.ts';

let base = '';
let git: GitHttpServer;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-outside-'));
  makeRepository(join(base, 'lib'), { main: { 'templates/lint.yml': 'lint: {script: [lint]}\n' } });
  publish(join(base, 'lib'), join(base, 'served/group/lib.git'));
  const [key, cert] = [join(base, 'key.pem'), join(base, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  git = await serveGit(join(base, 'served'), null, undefined, tls);
});
afterAll(async () => {
  await git.close();
  await rm(base, { recursive: true, force: true });
});

async function open(allowedHosts: readonly string[], folder: string) {
  const includes = await createOutsideIncludes({
    ...{ folder, allowedHosts },
    environment: {
      PATH: process.env.PATH,
      GIT_SSL_CAINFO: join(base, 'cert.pem'),
      https_proxy: 'http://127.0.0.1:1',
    },
    failed: (error) => {
      throw error;
    },
  });
  return includes.open();
}

const lint = () => ({ host: new URL(git.url).host, project: 'group/lib', name: 'lint', version: 'main' });

test('a component of another server is fetched without credentials, once for each commit', async () => {
  const folder = join(base, 'kept');
  const read = async () => {
    await using doors = await open(['127.0.0.1'], folder);
    const opened = await doors.openComponent(lint());
    return opened.kind === 'opened' ? await opened.files.readFile('templates/lint.yml') : opened;
  };
  const text = { kind: 'text', text: 'lint: {script: [lint]}\n' };
  expect(await read()).toEqual(text);
  expect(await readdir(join(folder, 'fetching'))).toEqual([]);
  const before = git.requests.length;
  expect(await read()).toEqual(text);
  // What `main` stands for is asked anew, and nothing is fetched.
  expect(git.requests.slice(before).filter(({ path }) => path.includes('upload-pack'))).toHaveLength(2);
  expect(git.requests.every(({ authorization }) => authorization === null)).toBe(true);
});

test('nothing is reached at an address of the own network, unless the administrator says so', async () => {
  await using doors = await open([], join(base, 'other'));
  const before = git.requests.length;
  expect(await doors.openComponent(lint())).toMatchObject({
    kind: 'unavailable',
    reason: expect.stringContaining('localhost'),
  });
  for (const address of [`${git.url}/x.yml`, 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/']) {
    expect(await doors.readRemote(address, address)).toMatchObject({
      reason: expect.stringContaining('not allowed'),
    });
  }
  expect(git.requests).toHaveLength(before);
  expect(existsSync(join(base, 'other', 'files'))).toBe(false);
});

test('a pushed pipeline includes remote files and templates', async () => {
  const files = createServer((_request, response) => response.end('remote lint:\n  script: [lint]\n'));
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void files.close());
  const address = files.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const file = `include:
  - remote: http://127.0.0.1:${port}/lint.yml
  - template: Slipway/Node.gitlab-ci.yml
`;
  const closed = await startTestedServer();
  expect(await closed.push({ '.gitlab-ci.yml': file })).toContain('Requests to localhost are not allowed');
  const tested = await startTestedServer({ allowedHosts: ['127.0.0.1'] });
  expect(await tested.push({ 'package.json': '{}', '.gitlab-ci.yml': file })).toContain('Pipeline #1');
  expect(Object.keys(await statusesOf(tested, 1))).toEqual(
    expect.arrayContaining(['remote lint', 'node:test']),
  );
});
