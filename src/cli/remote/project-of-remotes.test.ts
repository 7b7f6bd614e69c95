import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commitProject, gitIn } from '../test-support/call-program.ts';
import { projectOfRemotes } from './project-of-remotes.ts';

test.each([
  ['http://ci:8800/team/app.git', 'team/app'],
  ['http://root:token@ci:8800/team/sub/app/', 'team/sub/app'],
  ['http://ci:9000/team/app.git', null],
  ['https://ci:8800/team/app.git', null],
  ['git@ci:team/app.git', null],
  ['http://ci:8800/app.git', null],
  ['http://ci:8800/team/%2e%2e/app.git', null],
])('%s leads to %s', async (url, path) => {
  const folder = await repository();
  gitIn(folder, 'remote', 'add', 'origin', url);
  expect(await projectOfRemotes(folder, 'http://ci:8800')).toBe(path);
});

test('origin comes first, and a folder without a repository leads nowhere', async () => {
  const folder = await repository();
  gitIn(folder, 'remote', 'add', 'a', 'http://ci/base/team/one.git');
  gitIn(folder, 'remote', 'add', 'origin', 'http://ci/base/team/two.git');
  expect(await projectOfRemotes(folder, 'http://ci/base')).toBe('team/two');
  expect(await projectOfRemotes(folder, 'http://ci/other')).toBeNull();
  expect(await projectOfRemotes('/', 'http://ci')).toBeNull();
});

async function repository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-remotes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await commitProject(folder, { a: '' });
  return folder;
}
