import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProjectPath } from './project-path.ts';
import { listRepositories, openRepositories } from './repositories.ts';
import { client } from './test-support/git-server.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-repositories-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

test('a repository is made once, whole, and removed', async () => {
  const repositories = await openRepositories(root);
  await Promise.all([1, 2, 3].map(() => repositories.create(7, 'trunk')));
  expect(await repositories.exists(7)).toBe(true);
  expect((await client(repositories.folderOf(7), 'symbolic-ref', 'HEAD')).stdout).toBe('refs/heads/trunk\n');
  await repositories.setDefaultBranch(7, 'main');
  expect((await client(repositories.folderOf(7), 'symbolic-ref', 'HEAD')).stdout).toBe('refs/heads/main\n');
  expect(await listRepositories(root)).toEqual([7]);
  await repositories.remove(7);
  await repositories.remove(7);
  expect(await listRepositories(root)).toEqual([]);
  expect(await readdir(join(root, '.work'))).toEqual([]);
});

test('what a killed server left half made is cleared away', async () => {
  await openRepositories(root);
  await writeFile(join(root, '.work', '7-half'), '');
  await openRepositories(root);
  expect(await readdir(join(root, '.work'))).toEqual([]);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 60])('%d is no number of a project', async (number) => {
  const repositories = await openRepositories(root);
  expect(() => repositories.folderOf(number)).toThrow(RangeError);
});

test.each(['--upload-pack=x', '-x', 'a..b', 'a\nb', '', '../x'])('%j is no default branch', async (name) => {
  const repositories = await openRepositories(root);
  await expect(repositories.create(1, name)).rejects.toMatchObject({ code: 'branch-name-invalid' });
  expect(await repositories.exists(1)).toBe(false);
});

test.each(['a/b', 'group/sub/name.js', 'A_1/b-2.c'])('%s is the path of a project', (path) => {
  expect(readProjectPath(path)).toBe(path);
});

test.each([
  'a',
  '',
  'a/',
  '/a/b',
  'a//b',
  '../a/b',
  'a/..',
  'a/.b',
  'a/-b',
  'a/b.git',
  'a/b\n',
  'a/b c',
  'a/ü',
  'a\0/b',
  `${'a/'.repeat(30)}b`,
])('%j is none', (path) => {
  expect(readProjectPath(path)).toBeNull();
});
