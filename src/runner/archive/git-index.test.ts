import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIndex } from './git-index.ts';
import { temporaryFolders, writeTree } from './test-support/temporary-folder.ts';

const run = promisify(execFile);
const makeFolder = temporaryFolders();

async function git(folder: string, ...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: folder })).stdout;
}

async function repository(): Promise<string> {
  const folder = await makeFolder();
  await git(folder, 'init', '-q');
  await writeTree(folder, {
    'a.txt': '1',
    'a.txt.bak': '2',
    'dir/with space': '3',
    'dir/ümläut': '4',
    [`deep/${'x'.repeat(150)}`]: '5',
    link: { link: 'a.txt' },
  });
  await git(folder, 'add', '.');
  return folder;
}

test.each([2, 3, 4])('reads version %i as git does', async (version) => {
  const folder = await repository();
  // Version 3 exists only with extended flags, which "intent to add" needs.
  await writeTree(folder, { later: '6' });
  await git(folder, 'add', '--intent-to-add', 'later');
  if (version === 2) await git(folder, 'add', 'later');
  await git(folder, 'update-index', '--index-version', String(version));
  const bytes = await readFile(join(folder, '.git/index'));
  expect(bytes.readUInt32BE(4)).toBe(version);
  const expected = (await git(folder, 'ls-files', '-z')).split('\0').filter((path) => path !== '');
  expect([...(parseIndex(bytes) ?? [])].sort()).toEqual(expected.sort());
});

test('does not trust a split index, which holds only a part', async () => {
  const folder = await repository();
  await git(folder, 'update-index', '--split-index');
  expect(parseIndex(await readFile(join(folder, '.git/index')))).toBeNull();
});

test('never fails on damaged bytes', async () => {
  const bytes = await readFile(join(await repository(), '.git/index'));
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 0, max: 255 }),
      fc.nat(bytes.length),
      (at, value, length) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        parseIndex(damaged.subarray(0, length));
      },
    ),
  );
});
