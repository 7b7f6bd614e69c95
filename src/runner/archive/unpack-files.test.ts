import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../base/app-error.ts';
import { TAR_END, type TarEntry, tarHeader, tarPadding } from './tar-header.ts';
import { readTree } from './test-support/read-tree.ts';
import { type Tree, temporaryFolders, writeTree } from './test-support/temporary-folder.ts';
import { type UnpackLimits, unpackFiles } from './unpack-files.ts';

const makeFolder = temporaryFolders();
const { signal } = new AbortController();

/** An entry of an archive that no honest program would write. */
interface Crafted extends Partial<TarEntry> {
  readonly name: string;
  readonly content?: string;
  readonly typeFlag?: string;
}

function entryBytes({ content = '', typeFlag, ...given }: Crafted): Buffer {
  const entry: TarEntry = {
    kind: 'file',
    mode: 0o644,
    size: Buffer.byteLength(content),
    modified: 1_000_000,
    target: '',
    ...given,
  };
  const header = tarHeader(entry);
  if (typeFlag !== undefined) {
    const block = header.subarray(-512);
    block.write(typeFlag, 156);
    writeChecksum(block);
  }
  return Buffer.concat([header, Buffer.from(content), tarPadding(Buffer.byteLength(content))]);
}

function writeChecksum(block: Buffer): void {
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

function archiveOf(...entries: readonly Crafted[]): Buffer {
  return Buffer.concat([...entries.map(entryBytes), TAR_END]);
}

async function unpack(archive: Buffer, folder: string, limits?: UnpackLimits) {
  return unpackFiles({
    archive: Readable.from([archive], { objectMode: false }),
    folder,
    signal,
    ...(limits === undefined ? {} : { limits }),
  });
}

async function codeOf(unpacking: Promise<unknown>): Promise<string> {
  try {
    await unpacking;
    return 'unpacked';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** A folder to unpack into, beside one that must stay as it is. */
async function makeTarget(tree: Tree = {}) {
  const parent = await makeFolder();
  const folder = join(parent, 'project');
  await mkdir(folder);
  await writeTree(folder, tree);
  await writeTree(parent, { 'outside/secret': 'secret' });
  const before = await readTree(join(parent, 'outside'));
  return {
    folder,
    async expectUntouched() {
      expect(await readTree(join(parent, 'outside'))).toEqual(before);
      expect(Object.keys(await readTree(parent)).filter((path) => !path.startsWith('project'))).toEqual([
        'outside',
        'outside/secret',
      ]);
    },
  };
}

describe('an entry that would reach outside is refused', () => {
  test.each<[string, readonly Crafted[]]>([
    ['absolute name', [{ name: '/outside/x' }]],
    ['name that leads upwards', [{ name: '../outside/x' }]],
    ['name that leads upwards in the middle', [{ name: 'a/../../outside/x' }]],
    ['directory that leads upwards', [{ name: '../outside/new', kind: 'directory' }]],
    ['link that leads upwards by its name', [{ name: '../outside/link', kind: 'symlink', target: 'x' }]],
    [
      'write through a link of the archive',
      [
        { name: 'link', kind: 'symlink', target: '../outside' },
        { name: 'link/x', content: 'harm' },
      ],
    ],
    [
      'write through a link to a link',
      [
        { name: 'one', kind: 'symlink', target: '..' },
        { name: 'two', kind: 'symlink', target: 'one/outside' },
        { name: 'two/x', content: 'harm' },
      ],
    ],
    [
      'link made through a link',
      [
        { name: 'link', kind: 'symlink', target: '../outside' },
        { name: 'link/x', kind: 'symlink', target: 'y' },
      ],
    ],
    [
      'directory over a link of the archive',
      [
        { name: 'link', kind: 'symlink', target: '../outside' },
        { name: 'link', kind: 'directory' },
      ],
    ],
    ['hard link', [{ name: 'x', typeFlag: '1', target: '../outside/secret' }]],
    ['hard link to the inside', [{ name: 'a' }, { name: 'x', typeFlag: '1', target: 'a' }]],
    ['character device', [{ name: 'x', typeFlag: '3' }]],
    ['block device', [{ name: 'x', typeFlag: '4' }]],
    ['named pipe', [{ name: 'x', typeFlag: '6' }]],
    ['GNU sparse file', [{ name: 'x', typeFlag: 'S' }]],
    ["git's configuration", [{ name: '.git/config', content: '[core]' }]],
    ["git's folder in other letters", [{ name: './.GIT/hooks/pre-commit' }]],
    ['.git as a file', [{ name: '.git', content: 'gitdir: /outside' }]],
    ['link without a target', [{ name: 'x', kind: 'symlink' }]],
    ['file without a name', [{ name: './' + '.' }]],
    ['path of 5,000 bytes', [{ name: 'x/'.repeat(60) + 'y'.repeat(4_900) }]],
    ['path 300 directories deep', [{ name: `${'d/'.repeat(300)}x` }]],
  ])('%s', async (_what, entries) => {
    const target = await makeTarget();
    expect(await codeOf(unpack(archiveOf(...entries), target.folder))).toBe('archive-unsafe-entry');
    await target.expectUntouched();
  });
});

describe('what is there is replaced', () => {
  test.each<[string, Tree, readonly Crafted[], Record<string, string>]>([
    ['a file by a file', { a: 'old' }, [{ name: 'a', content: 'new' }], { a: 'file new' }],
    [
      'a large file by a small one',
      { a: 'o'.repeat(90_000) },
      [{ name: 'a', content: 'n' }],
      { a: 'file n' },
    ],
    ['a file by a directory', { a: 'old' }, [{ name: 'a', kind: 'directory' }], { a: 'directory ' }],
    [
      'a file by a file below it',
      { a: 'old' },
      [{ name: 'a/b', content: 'new' }],
      { a: 'directory ', 'a/b': 'file new' },
    ],
    ['a directory by a file', { 'a/b/c': 'old' }, [{ name: 'a', content: 'new' }], { a: 'file new' }],
    [
      'a directory by a link',
      { 'a/b': 'old' },
      [{ name: 'a', kind: 'symlink', target: 'x' }],
      { a: 'symlink x' },
    ],
    [
      'a link by a file',
      { a: { link: '../outside/secret' } },
      [{ name: 'a', content: 'new' }],
      { a: 'file new' },
    ],
    [
      'a link by the directory of a file',
      { a: { link: '../outside' } },
      [{ name: 'a/secret', content: 'new' }],
      { a: 'directory ', 'a/secret': 'file new' },
    ],
    [
      'a directory with a link in it, but not what the link leads to',
      { 'a/link': { link: '../../outside' } },
      [{ name: 'a', content: 'new' }],
      { a: 'file new' },
    ],
    [
      'nothing by a directory that is there',
      { 'a/b': 'old' },
      [{ name: 'a', kind: 'directory' }],
      { a: 'directory ', 'a/b': 'file old' },
    ],
    [
      'an entry by a later one of its name',
      {},
      [
        { name: 'a', content: '1' },
        { name: 'a', content: '2' },
        { name: 'a/b', content: '3' },
        { name: 'a', content: '4' },
      ],
      { a: 'file 4' },
    ],
  ])('%s', async (_what, tree, entries, expected) => {
    const target = await makeTarget(tree);
    await unpack(archiveOf(...entries), target.folder);
    const after = Object.entries(await readTree(target.folder));
    expect(
      Object.fromEntries(after.map(([path, { kind, content }]) => [path, `${kind} ${content}`])),
    ).toEqual(expected);
    await target.expectUntouched();
  });
});

test('a directory is filled before it is made read-only, in any order', async () => {
  const { folder } = await makeTarget();
  await unpack(
    archiveOf(
      { name: 'a', kind: 'directory', mode: 0o555, modified: 5 },
      { name: 'a/b', kind: 'directory', mode: 0o500, modified: 6 },
      { name: 'a/b/c', content: 'x' },
      { name: 'a/d', content: 'y' },
    ),
    folder,
  );
  const tree = await readTree(folder);
  expect([tree.a?.mode, tree.a?.modified, tree['a/b']?.mode, tree['a/b']?.modified]).toEqual([
    0o555, 5, 0o500, 6,
  ]);
});

describe('limits', () => {
  const limits = { maxEntries: 3, maxBytes: 1_000 };

  test('entries', async () => {
    const { folder } = await makeTarget();
    const entries = Array.from({ length: 4 }, (_, index) => ({ name: `f${index}` }));
    expect(await codeOf(unpack(archiveOf(...entries), folder, limits))).toBe('archive-too-large');
  });

  test('bytes, before they are written', async () => {
    const { folder } = await makeTarget();
    const entries = [
      { name: 'a', content: 'x'.repeat(600) },
      { name: 'b', content: 'x'.repeat(600) },
    ];
    expect(await codeOf(unpack(archiveOf(...entries), folder, limits))).toBe('archive-too-large');
    expect(Object.keys(await readTree(folder))).toEqual(['a']);
  });

  test('a header that claims a terabyte', async () => {
    const { folder } = await makeTarget();
    const bomb = entryBytes({ name: 'bomb', size: 2 ** 40 });
    expect(await codeOf(unpack(bomb, folder))).toBe('archive-too-large');
  });

  test('a name of two megabytes', async () => {
    const { folder } = await makeTarget();
    expect(await codeOf(unpack(archiveOf({ name: 'n'.repeat(2_000_000) }), folder))).toBe('archive-damaged');
  });
});

describe('a damaged archive', () => {
  const whole = archiveOf({ name: 'a', content: 'x'.repeat(1_000) }, { name: 'ü', content: 'y' });

  test('is found out wherever it is cut', async () => {
    for (const length of [0, 100, 512, 700, 1_536, 2_048, 3_000, whole.length - 1_024]) {
      const { folder } = await makeTarget();
      expect([length, await codeOf(unpack(whole.subarray(0, length), folder))]).toEqual([
        length,
        'archive-damaged',
      ]);
    }
  });

  test('with any byte changed unpacks inside, or is refused with a code', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.boolean(),
        async (changes, repairsChecksum) => {
          const target = await makeTarget();
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          if (repairsChecksum) writeChecksum(bytes.subarray(0, 512));
          expect(await codeOf(unpack(bytes, target.folder))).toMatch(
            /^(unpacked|archive-(damaged|unsafe-entry|too-large))$/,
          );
          await target.expectUntouched();
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('whatever the names and links, nothing outside is touched', async () => {
  const component = fc.constantFrom('a', 'b', '..', '.', '', 'outside', 'secret', '.git');
  const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const entry = fc.record({
    name: path,
    kind: fc.constantFrom('file' as const, 'directory' as const, 'symlink' as const),
    target: fc.oneof(path, fc.constantFrom('/', '/tmp', '../outside', '../outside/secret')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
      const target = await makeTarget({ a: { link: '../outside' } });
      const crafted = entries.map((one) =>
        one.kind === 'file' ? { ...one, target: '', content: 'harm' } : one,
      );
      await codeOf(unpack(archiveOf(...crafted), target.folder));
      await target.expectUntouched();
    }),
    { numRuns: 60 },
  );
});

test('a folder that is a link is not entered', async () => {
  const { folder } = await makeTarget();
  await symlink('../outside', join(folder, 'link'));
  await expect(unpack(archiveOf({ name: 'x' }), join(folder, 'link'))).rejects.toThrow();
});

test("the source's own failure is passed on", async () => {
  const { folder } = await makeTarget();
  const failure = new AppError('storage-failed', 'The store is gone.');
  const archive = Readable.from(
    (async function* () {
      yield entryBytes({ name: 'a', content: 'x' });
      throw failure;
    })(),
    { objectMode: false },
  );
  await expect(unpackFiles({ archive, folder, signal })).rejects.toBe(failure);
  await writeFile(join(folder, 'b'), await readFile(join(folder, 'a')));
});
