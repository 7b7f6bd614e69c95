import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { packFiles } from '../../src/runner/archive/pack-files.ts';
import { selectFiles } from '../../src/runner/archive/select-files.ts';
import { readTree } from '../../src/runner/archive/test-support/read-tree.ts';
import { unpackFiles } from '../../src/runner/archive/unpack-files.ts';
import { tarToZip } from '../../src/runner/archive/zip/tar-to-zip.ts';
import { zipToTar } from '../../src/runner/archive/zip/zip-to-tar.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { signal } = new AbortController();

/** Small and large, deep, empty, and with a link. */
async function sample(): Promise<string> {
  const folder = join(await temporaryFolder(), 'tree');
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  await writeFile(join(folder, 'zero.txt'), '');
  await writeFile(join(folder, 'ünï.txt'), 'names');
  await writeFile(join(folder, 'deep', 'er', 'zeros.bin'), Buffer.alloc(3_000_000));
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  execFileSync('ln', ['-s', 'run.sh', 'link'], { cwd: folder });
  return folder;
}

/** All but the times, which unzip does not give to links. */
async function filesIn(folder: string) {
  const tree = Object.entries(await readTree(folder));
  return tree.map(([name, { kind, mode, content }]) => [name, kind, kind === 'symlink' ? 0 : mode, content]);
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['-v'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

test('what is packed here is unpacked by unzip', async ({ skip }) => {
  if (!has('unzip')) skip('unzip is not installed');
  const folder = await sample();
  const requests = [{ paths: ['.'], exclude: [], untracked: false }];
  const [selection] = await selectFiles({ workspace: folder, requests, signal });
  const { archive } = packFiles({ workspace: folder, entries: selection?.entries ?? [], signal });
  const place = await temporaryFolder();
  await writeFile(join(place, 'a.zip'), await buffer(Readable.from(tarToZip(archive))));
  execFileSync('unzip', ['-tq', 'a.zip'], { cwd: place });
  execFileSync('unzip', ['-q', 'a.zip', '-d', 'back'], { cwd: place });
  expect(await filesIn(join(place, 'back'))).toEqual(await filesIn(folder));
});

test.for([['-r'], ['-r0'], ['-r', '-fz']])(
  'what zip %s packs is unpacked here',
  async (options, { skip }) => {
    if (!has('zip')) skip('zip is not installed');
    const folder = await sample();
    const place = await temporaryFolder();
    execFileSync('zip', ['-q', '-y', ...options, join(place, 'a.zip'), '.'], { cwd: folder });
    const back = join(place, 'back');
    await mkdir(back);
    const file = await open(join(place, 'a.zip'));
    try {
      await unpackFiles({
        archive: Readable.from(zipToTar(file), { objectMode: false }),
        folder: back,
        signal,
      });
    } finally {
      await file.close();
    }
    expect(await filesIn(back)).toEqual(await filesIn(folder));
    expect(await readFile(join(back, 'link'), 'utf8')).toBe('#!/bin/sh\n');
  },
);
