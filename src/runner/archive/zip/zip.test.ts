import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packFiles } from '../pack-files.ts';
import { selectFiles } from '../select-files.ts';
import { readTree } from '../test-support/read-tree.ts';
import { temporaryFolders, writeTree } from '../test-support/temporary-folder.ts';
import { unpackFiles } from '../unpack-files.ts';
import { tarToZip } from './tar-to-zip.ts';
import { zipToTar } from './zip-to-tar.ts';

const makeFolder = temporaryFolders();
const { signal } = new AbortController();

async function zipOf(workspace: string): Promise<Buffer> {
  const requests = [{ paths: ['.'], exclude: [], untracked: false }];
  const [selection] = await selectFiles({ workspace, requests, signal });
  const { archive } = packFiles({ workspace, entries: selection?.entries ?? [], signal });
  return buffer(Readable.from(tarToZip(archive)));
}

async function unzip(zip: Uint8Array, folder: string): Promise<void> {
  const path = join(await makeFolder(), 'a.zip');
  await writeFile(path, zip);
  const file = await open(path);
  try {
    const archive = Readable.from(zipToTar(file), { objectMode: false });
    await unpackFiles({ archive, folder, signal });
  } finally {
    await file.close();
  }
}

async function sample(): Promise<string> {
  const folder = join(await makeFolder(), 'tree');
  await mkdir(folder);
  await writeTree(folder, {
    'empty.txt': '',
    'small.txt': 'small',
    'ünï/cödé.txt': 'names',
    'deep/er/zeros.bin': '\0'.repeat(3_000_000),
    'empty-folder': '/',
    link: { link: 'small.txt' },
    [`long-${'x'.repeat(180)}.txt`]: 'a long name',
  });
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

describe('a zip file', () => {
  it('gives back what went into it: content, modes, times, links', async () => {
    const folder = await sample();
    const back = join(await makeFolder(), 'back');
    await mkdir(back);
    await unzip(await zipOf(folder), back);
    expect(await readTree(back)).toEqual(await readTree(folder));
  });

  it('without entries is one, too', async () => {
    const folder = await makeFolder();
    await unzip(await zipOf(folder), folder);
    expect(await readTree(folder)).toEqual({});
  });

  it('that leads out of its folder is refused', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { 'xx/evil': 'x' });
    const zip = Buffer.from(
      (await zipOf(folder)).toString('latin1').replaceAll('xx/evil', '../evil'),
      'latin1',
    );
    const back = join(await makeFolder(), 'back');
    await mkdir(back);
    await expect(unzip(zip, back)).rejects.toMatchObject({ code: 'archive-unsafe-entry' });
  });

  it('that unpacks to more than it says is refused', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { 'bomb.bin': '\0'.repeat(1_000_000) });
    const zip = await zipOf(folder);
    const at = zip.lastIndexOf(Buffer.from('504b0102', 'hex'));
    zip.writeUInt32LE(1000, at + 24);
    await expect(unzip(zip, await makeFolder())).rejects.toMatchObject({ code: 'archive-damaged' });
  });

  it('with anything wrong in it is an AppError or gives other names and times, never a crash or a hang', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { 'a.txt': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'b/c.bin': '\0'.repeat(70_000) });
    const zip = await zipOf(folder);
    const place = await makeFolder();
    const changes = fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.option(fc.nat(zip.length)), async (bytes, length) => {
        const damaged = Buffer.from(zip);
        for (const [at, value] of bytes) damaged[at] = value;
        const outcome = await unzip(damaged.subarray(0, length ?? zip.length), place).then(
          () => 'AppError',
          (error: unknown) => (error instanceof Error ? error.name : 'thrown'),
        );
        expect(outcome).toBe('AppError');
      }),
      { numRuns: 300 },
    );
  });
});
