import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { temporaryFolders } from '../archive/test-support/temporary-folder.ts';
import { describeCacheStore } from './cache-store.contract.ts';
import { createFolderCacheStore } from './folder-cache-store.ts';

const makeFolder = temporaryFolders();

describeCacheStore('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  return {
    store: createFolderCacheStore(join(folder, 'not/yet/there')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
});

/** A clock that goes on by a minute each time it is asked. */
function tickingClock(): Clock {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => {
      now += 60_000;
      return now;
    },
    elapsed: () => 0,
    after: () => () => undefined,
  };
}

/** Random bytes, so that their size on the disk is about their own. */
function archive(kilobytes: number): Readable {
  return Readable.from([randomBytes(kilobytes * 1_000)]);
}

test('when the folder is full, what was used longest ago goes first', async () => {
  const store = createFolderCacheStore(await makeFolder(), { maxBytes: 350_000, clock: tickingClock() });
  for (const key of ['a', 'b', 'c']) await store.put(key, archive(100));
  (await store.get('a'))?.destroy();
  await store.put('d', archive(100));
  const kept = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (key) => {
      const found = await store.get(key);
      found?.destroy();
      return found !== null;
    }),
  );
  expect(kept).toEqual([true, false, true, true]);
});

test('a cache that is larger than all the room there is is refused, and pushes nothing out', async () => {
  const folder = await makeFolder();
  const store = createFolderCacheStore(folder, { maxBytes: 150_000, clock: tickingClock() });
  await store.put('a', archive(100));
  await expect(store.put('b', archive(200))).rejects.toMatchObject({ code: 'cache-too-large' });
  const kept = await store.get('a');
  expect(kept === null ? null : (await buffer(kept)).length).toBe(100_000);
  expect((await readdir(folder)).length).toBe(1);
});

test('what a killed process left half written is removed after a day', async () => {
  const folder = await makeFolder();
  const clock = tickingClock();
  for (const [name, age] of [
    ['.part-old', 25 * 3_600],
    ['.part-new', 3_600],
  ] as const) {
    await mkdir(join(folder, name));
    const then = clock.now() / 1_000 - age;
    await utimes(join(folder, name), then, then);
  }
  await createFolderCacheStore(folder, { clock }).put('a', archive(1));
  expect((await readdir(folder)).filter((name) => name.startsWith('.part-'))).toEqual(['.part-new']);
});

test('two processes share a folder: every reader gets a whole archive, and the size is kept', async () => {
  const folder = await makeFolder();
  const program = `
    import { createFolderCacheStore } from ${JSON.stringify(new URL('./folder-cache-store.ts', import.meta.url).href)};
    import { Readable } from 'node:stream';
    import { buffer } from 'node:stream/consumers';
    import { randomBytes } from 'node:crypto';
    const store = createFolderCacheStore(${JSON.stringify(folder)}, { maxBytes: 400_000 });
    for (let round = 0; round < 40; round += 1) {
      const key = 'key-' + (round % 4);
      const half = randomBytes(50_000);
      await store.put(key, Readable.from([half, half]));
      const found = await store.get(key);
      if (found === null) continue;
      const bytes = await buffer(found);
      if (bytes.length !== 100_000 || !bytes.subarray(0, 50_000).equals(bytes.subarray(50_000))) throw new Error('torn');
    }`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  await Promise.all([run(), run()]);
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(0);
  expect(names.every((name) => name.endsWith('.tar.zst'))).toBe(true);
});
