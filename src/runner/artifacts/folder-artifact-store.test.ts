import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { JobArtifact } from '../../protocol/index.ts';
import { temporaryFolders } from '../archive/test-support/temporary-folder.ts';
import { describeArtifactStore } from './artifact-store.contract.ts';
import { createFolderArtifactStore } from './folder-artifact-store.ts';

const makeFolder = temporaryFolders();
const archive: JobArtifact = {
  type: 'archive',
  name: null,
  paths: [],
  exclude: [],
  untracked: false,
  when: 'always',
  expireIn: null,
};

for (const durable of [false, true]) {
  describeArtifactStore(durable ? 'a durable folder' : 'a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
    return {
      store: createFolderArtifactStore(join(folder, 'not/yet/there'), { durable }),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  });
}

test('nothing but whole archives stands in the folder, also after a failure', async () => {
  const folder = await makeFolder();
  const store = createFolderArtifactStore(folder);
  await store.put(7, archive, 'a.tar', Readable.from([Buffer.alloc(512)]));
  const failing = new Readable({ read: (): void => void failing.destroy(new Error('gone')) });
  await expect(store.put(7, archive, 'a.tar', failing)).rejects.toThrow('gone');
  expect(await readdir(join(folder, '7'))).toEqual(['archive.tar.zst']);
});

test.each(['cut', 'changed'])('an archive file that was %s fails its reader', async (how) => {
  const folder = await makeFolder();
  const store = createFolderArtifactStore(folder);
  const { bytes } = await store.put(7, archive, 'a.tar', Readable.from([randomBytes(300_000)]));
  const file = join(folder, '7/archive.tar.zst');
  if (how === 'cut') await truncate(file, bytes - 100);
  else {
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from('?'), 0, 1, 150_000);
    await handle.close();
  }
  const reading = await store.get(7);
  await expect(reading === null ? null : buffer(reading)).rejects.toThrow();
});

test('a folder that cannot be one is said so', async () => {
  const folder = join(await makeFolder(), 'file');
  await writeFile(folder, '');
  const putting = createFolderArtifactStore(folder).put(
    7,
    archive,
    'a.tar',
    Readable.from([Buffer.alloc(512)]),
  );
  await expect(putting).rejects.toMatchObject({ code: 'storage-failed' });
});

describe('on a full disk', () => {
  const canMount = mountsTmpfs();
  if (!canMount) console.warn('SKIPPED: the tests of a full disk need root and the right to mount a tmpfs.');

  test.skipIf(!canMount)('says which folder and what to do, and leaves nothing', async () => {
    const disk = await makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const folder = join(disk, 'artifacts');
      const store = createFolderArtifactStore(folder);
      await store.put(1, archive, 'a.tar', Readable.from([Buffer.alloc(512, 'kept')]));
      const large = Readable.from(Array.from({ length: 40 }, () => randomBytes(65_536)));
      await expect(store.put(1, archive, 'a.tar', large)).rejects.toMatchObject({
        code: 'disk-full',
        message: expect.stringContaining(folder),
        hint: expect.stringContaining('Free some space'),
      });
      expect(large.destroyed).toBe(true);
      expect(await readdir(join(folder, '1'))).toEqual(['archive.tar.zst']);
      const kept = await store.get(1);
      expect(kept === null ? null : await buffer(kept)).toEqual(Buffer.alloc(512, 'kept'));
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

function mountsTmpfs(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
