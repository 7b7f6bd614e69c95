import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  createSshKey,
  letDeployKeyIn,
  pipelineById,
  removeSshKey,
  type StoredSshKey,
} from '../store/index.ts';
import { readSshKey } from './git/index.ts';
import { clientWith, type Ran } from './git/test-support/git-server.ts';
import { startTestedServer, type TestedServer } from './test-support/running-server.ts';

let tested: TestedServer;
let keys: string;

beforeEach(async () => {
  tested = await startTestedServer({ sshPort: 0 });
  keys = await mkdtemp(join(tmpdir(), 'slipway-keys-'));
  onTestFinished(() => rm(keys, { recursive: true }));
});

async function addKey(title: string, kind: StoredSshKey['kind'], expiresAt: number | null = null) {
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, title)]);
  const read = readSshKey(await readFile(join(keys, `${title}.pub`), 'utf8'));
  if (read.kind === 'refused') throw new Error(read.why);
  const { type, blob, fingerprint } = read.key;
  const { store, clock } = tested.server.parts;
  const added = await store.write(({ db }) =>
    createSshKey(db, { kind, title, publicKey: `${type} ${blob}`, fingerprint, expiresAt, now: clock.now() }),
  );
  if (added === null) throw new Error('The key is there already.');
  return added;
}

function git(key: string, ...args: readonly string[]): Promise<Ran> {
  const options = [
    '-F',
    '/dev/null',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'BatchMode=yes',
    '-o',
    'LogLevel=ERROR',
  ];
  const known = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(keys, 'known')}`];
  const ssh = ['ssh', ...options, ...known, '-i', join(keys, key)].join(' ');
  return clientWith({ GIT_SSH_COMMAND: ssh }, tested.clone, ...args);
}

function address(path: string): string {
  return `ssh://git@127.0.0.1:${tested.server.ssh?.port}/${path}.git`;
}

describe('git over SSH', () => {
  test('a push with a key of the administrator becomes a pipeline, which knows where SSH is', async () => {
    await addKey('admin', 'person');
    await git('admin', 'checkout', '-q', '-B', 'main');
    await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' }, '-o', 'ci.skip');
    await git('admin', 'commit', '-q', '--allow-empty', '-m', 'Over SSH');
    const pushed = await git('admin', 'push', address('team/app'), 'HEAD:main');
    expect(pushed).toMatchObject({ code: 0, stderr: expect.stringContaining('Pipeline #1 for main') });
    const row = await tested.server.parts.store.read((db) => pipelineById(db, 1));
    expect(row).toMatchObject({ title: 'Over SSH' });
    const job = (await tested.ask('POST', '/jobs/request', { token: tested.runnerToken })).json;
    expect(JSON.stringify(job)).toContain(`"CI_SERVER_SHELL_SSH_PORT","value":"${tested.server.ssh?.port}"`);
  });

  test('a deploy key reads or writes the projects that it was let into, until it is removed', async () => {
    await tested.push({ file: '1' });
    const other = await tested.addProject('team/other', { file: '2' });
    const { store } = tested.server.parts;
    const reader = await addKey('reader', 'deploy');
    const writer = await addKey('writer', 'deploy');
    await addKey('old', 'deploy', 1);
    await store.write(({ db }) => letDeployKeyIn(db, { keyId: reader.id, projectId: other, canPush: false }));
    await store.write(({ db }) => letDeployKeyIn(db, { keyId: writer.id, projectId: other, canPush: true }));
    const answers = async (key: string, path: string): Promise<readonly [number, number]> => [
      (await git(key, 'ls-remote', address(path))).code,
      (await git(key, 'push', '-q', address(path), `HEAD:from-${key}`)).code,
    ];
    expect(await answers('reader', 'team/other')).toEqual([0, 128]);
    expect(await answers('writer', 'team/other')).toEqual([0, 0]);
    expect(await answers('writer', 'team/app')).toEqual([128, 128]);
    expect(await answers('old', 'team/other')).toEqual([128, 128]);
    await store.write(({ db }) => removeSshKey(db, writer.id));
    expect(await answers('writer', 'team/other')).toEqual([128, 128]);
  });
});
