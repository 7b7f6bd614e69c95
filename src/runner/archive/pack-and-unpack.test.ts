import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, lstat, lutimes, mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packFiles } from './pack-files.ts';
import { selectFiles } from './select-files.ts';
import { readTree } from './test-support/read-tree.ts';
import { temporaryFolders, writeTree } from './test-support/temporary-folder.ts';
import { unpackFiles } from './unpack-files.ts';

const run = promisify(execFile);
const makeFolder = temporaryFolders();
const { signal } = new AbortController();

async function selectAll(workspace: string) {
  const [selection] = await selectFiles({
    workspace,
    requests: [{ paths: ['.'], exclude: [], untracked: false }],
    signal,
  });
  return selection?.entries ?? [];
}

async function packAll(workspace: string): Promise<Readable> {
  return packFiles({ workspace, entries: await selectAll(workspace), signal }).archive;
}

const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('a', '-', ' ', '\n', '\\', '*', 'é'), minLength: 1, maxLength: 100 }),
  )
  .map((text) => text.toWellFormed().replace(/[/\0\ufffd]/g, '_'))
  .filter(
    (text) => text !== '.' && text !== '..' && text.toLowerCase() !== '.git' && Buffer.byteLength(text) < 256,
  );

const attributes = {
  mode: fc.integer({ min: 0, max: 0o777 }),
  modified: fc.integer({ min: -1_000, max: 2 ** 33 }),
};

const node = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      size: fc.oneof(fc.nat(2_000), fc.nat(300_000)),
      ...attributes,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('directory' as const), ...attributes }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('symlink' as const),
      target: fc.oneof(fc.constantFrom('/etc/passwd', '..', '.', 'x'.repeat(300)), name),
      ...attributes,
    }),
  },
);

const randomTree = fc.array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), node), {
  maxLength: 12,
});

type RandomTree = typeof randomTree extends fc.Arbitrary<infer T> ? T : never;

/** Makes what can be made of a random tree; links last, so that nothing is made through them. */
async function makeRandomTree(folder: string, tree: RandomTree): Promise<void> {
  const made = tree.map(([components, what]) => ({ path: join(folder, ...components), what }));
  for (const { path, what } of made) {
    await mkdir(what.kind === 'directory' ? path : dirname(path), { recursive: true });
  }
  for (const { path, what } of made) {
    if (what.kind === 'file' && !existsSync(path)) await writeFile(path, Buffer.alloc(what.size, path));
  }
  for (const { path, what } of made) {
    if (what.kind === 'symlink' && !existsSync(path)) await symlink(what.target, path).catch(ifTaken);
  }
  for (const { path, what } of made.reverse()) {
    if (!(await lstat(path)).isSymbolicLink()) await chmod(path, what.mode);
    await lutimes(path, what.modified, what.modified);
  }
}

/** By a link that leads nowhere, which existsSync does not see. */
function ifTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

test('whatever is packed unpacks to the same tree: names, kinds, modes, times, links, contents', async () => {
  await fc.assert(
    fc.asyncProperty(randomTree, async (tree) => {
      const from = await makeFolder();
      const to = await makeFolder();
      await makeRandomTree(from, tree);
      await unpackFiles({ archive: await packAll(from), folder: to, signal });
      expect(await readTree(to)).toEqual(await readTree(from));
    }),
    { numRuns: 20 },
  );
});

test('a file stays one where the part of its path that fits into a header ends in a slash', async () => {
  const from = await makeFolder();
  const to = await makeFolder();
  await writeTree(from, { [`${'x'.repeat(99)}/file`]: 'content', [`${'é'.repeat(49)}x/file`]: 'content' });
  await unpackFiles({ archive: await packAll(from), folder: to, signal });
  expect(await readTree(to)).toEqual(await readTree(from));
});

test('other programs read what is packed', async () => {
  const from = await makeFolder();
  const to = await makeFolder();
  await writeTree(from, {
    short: 'x',
    [`${'long/'.repeat(40)}name`]: 'y'.repeat(200_000),
    ümläut: '',
    dir: '/',
    link: { link: 'z'.repeat(200) },
  });
  await lutimes(join(from, 'short'), 5_000_000_000, 5_000_000_000);
  await lutimes(join(from, 'long'), 1_000_000_000, 1_000_000_000);
  const archive = join(await makeFolder(), 'a.tar');
  await writeFile(archive, await packAll(from));
  await run('tar', ['-xpf', archive, '-C', to]);
  expect(await readTree(to)).toEqual(await readTree(from));
});

test('what other programs packed is unpacked', async () => {
  const from = await makeFolder();
  await writeTree(from, { [`${'long/'.repeat(40)}name`]: 'y', ümläut: 'z', link: { link: 'z'.repeat(200) } });
  for (const format of ['gnu', 'pax', 'ustar']) {
    const to = await makeFolder();
    const file = join(await makeFolder(), 'a.tar');
    // ustar has no room for a link of 200 characters.
    const args = format === 'ustar' ? ['--exclude=link', '--exclude=long'] : [];
    await run('tar', [`--format=${format}`, ...args, '-cf', file, '-C', from, '.']);
    await unpackFiles({ archive: createReadStream(file), folder: to, signal });
    const expected = await readTree(from);
    const kept = Object.entries(expected).filter(([path]) => format !== 'ustar' || !/^l/.test(path));
    expect(await readTree(to)).toEqual(Object.fromEntries(kept));
  }
});

test('set-user-id, set-group-id and sticky bits are dropped', async () => {
  const from = await makeFolder();
  const to = await makeFolder();
  await writeTree(from, { program: 'x', dir: '/' });
  await chmod(join(from, 'program'), 0o6755);
  await chmod(join(from, 'dir'), 0o1777);
  const file = join(await makeFolder(), 'a.tar');
  await run('tar', ['-cpf', file, '-C', from, 'program', 'dir']);
  await unpackFiles({ archive: createReadStream(file), folder: to, signal });
  const tree = await readTree(to);
  expect(tree.program?.mode).toBe(0o755);
  expect(tree.dir?.mode).toBe(0o777);
});

test('what changes between selecting and packing is left out, with a warning', async () => {
  const from = await makeFolder();
  const to = await makeFolder();
  const secret = join(await makeFolder(), 'secret');
  await writeFile(secret, 'secret');
  await writeTree(from, { kept: '1', gone: '2', 'turned-link': '3', 'dir/file': '4', pipe: '5' });
  const entries = await selectAll(from);
  await rm(join(from, 'gone'));
  await rm(join(from, 'turned-link'));
  await symlink(secret, join(from, 'turned-link'));
  await rm(join(from, 'dir'), { recursive: true });
  await symlink(join(secret, '..'), join(from, 'dir'));
  await rm(join(from, 'pipe'));
  await run('mkfifo', [join(from, 'pipe')]);
  const packed = packFiles({ workspace: from, entries, signal });
  await unpackFiles({ archive: packed.archive, folder: to, signal });
  expect(Object.keys(await readTree(to))).toEqual(['kept']);
  expect(packed.tally().warnings.length).toBe(5);
});

test('a file that shrinks while it is read is filled up, and the archive stays whole', async () => {
  const from = await makeFolder();
  const to = await makeFolder();
  await writeTree(from, { big: 'x'.repeat(3_000_000), last: 'y' });
  const packed = packFiles({ workspace: from, entries: await selectAll(from), signal });
  packed.archive.once('data', () => packed.archive.pause());
  await new Promise((resolve) => packed.archive.once('pause', resolve));
  await truncate(join(from, 'big'), 500_000);
  const rest = await buffer(packed.archive);
  expect(rest.length % 512).toBe(0);
  expect(packed.tally().warnings).toEqual(['big: shrank while it was read; filled up with zeros']);
  expect(to).not.toBe(from);
});

test('an archive given up half way leaves no file open', async () => {
  const from = await makeFolder();
  await writeTree(from, { big: 'x'.repeat(3_000_000) });
  const before = (await readdir('/proc/self/fd')).length;
  for (let round = 0; round < 50; round += 1) {
    for await (const _piece of await packAll(from)) break;
  }
  expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 10);
});

test('an abort stops packing and unpacking with its reason', async () => {
  const from = await makeFolder();
  await writeTree(from, { big: 'x'.repeat(3_000_000) });
  const controller = new AbortController();
  const entries = await selectAll(from);
  const { archive } = packFiles({ workspace: from, entries, signal: controller.signal });
  const reason = new Error('enough');
  const unpacking = unpackFiles({ archive, folder: await makeFolder(), signal: controller.signal });
  controller.abort(reason);
  await expect(unpacking).rejects.toBe(reason);
});
