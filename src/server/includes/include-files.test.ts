import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openIncludeFiles } from './include-files.ts';

const made: string[] = [];
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-include-files-'));
  made.push(folder);
});
afterAll(() => Promise.all(made.map((each) => rm(each, { recursive: true, force: true }))));

const commit = 'a'.repeat(40);
const open = (maxBytes = 1000) =>
  openIncludeFiles({
    folder,
    maxBytes,
    failed: (error) => {
      throw error;
    },
  });

test('a file of a commit is there for the next process, and for no other commit, path or project', async () => {
  await open().putFile('host/g/p', commit, 'a.yml', Buffer.from('a: 1'));
  const files = open();
  expect((await files.file('host/g/p', commit, 'a.yml'))?.toString()).toBe('a: 1');
  expect(await files.file('host/g/p', commit, 'b.yml')).toBeNull();
  expect(await files.file('host/g/q', commit, 'a.yml')).toBeNull();
  expect(await files.file('host/g/p', 'b'.repeat(40), 'a.yml')).toBeNull();
  expect(await files.list('host/g/p', commit)).toBeNull();
});

test('the file that was not asked for the longest makes room', async () => {
  const files = open(3 * 152);
  const put = (path: string) => files.putFile('h/p', commit, path, Buffer.alloc(100, path));
  for (const path of ['a', 'b', 'c']) await put(path);
  await files.file('h/p', commit, 'a');
  await put('d');
  const there = await Promise.all(['a', 'b', 'c', 'd'].map((path) => files.file('h/p', commit, path)));
  expect(there.map((bytes) => bytes !== null)).toEqual([true, false, true, true]);
  expect(await readdir(folder)).toHaveLength(3);
});

test('a file that has changed is none', async () => {
  const files = open();
  await files.putList('h/p', commit, Buffer.from('list'));
  const [name = ''] = await readdir(folder);
  await writeFile(join(folder, name), 'something else that is longer than the digest of a file has letters');
  expect(await files.list('h/p', commit)).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});
