import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheStore } from '../ports.ts';

export interface CacheStoreUnderTest extends AsyncDisposable {
  readonly store: CacheStore;
}

/** What every CacheStore has to do. */
export function describeCacheStore(name: string, make: () => Promise<CacheStoreUnderTest>): void {
  describe(`${name} is a cache store`, () => {
    let made: CacheStoreUnderTest;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(() => made[Symbol.asyncDispose]());

    test('has nothing under a key nobody has used', async () => {
      expect(await made.store.get('key')).toBeNull();
    });

    test('gives back, any number of times, what it was given', async () => {
      await made.store.put('key', Readable.from([block('a'), block('b')]));
      for (let time = 0; time < 2; time += 1) {
        expect(await read(made.store, 'key')).toEqual(Buffer.concat([block('a'), block('b')]));
      }
    });

    test('replaces what was there', async () => {
      await made.store.put('key', Readable.from([block('first')]));
      await made.store.put('key', Readable.from([block('second')]));
      expect(await read(made.store, 'key')).toEqual(block('second'));
    });

    test('tells any two keys apart, whatever they are made of', async () => {
      const keys = [
        'a',
        'A',
        'a/b',
        'a_b',
        '.',
        '..',
        '../a',
        '/a',
        '/',
        ' ',
        'ü',
        '\n',
        '',
        'x'.repeat(2_000),
        `${'x'.repeat(2_000)}y`,
      ];
      for (const key of keys) await made.store.put(key, Readable.from([block(`for ${key}`)]));
      for (const key of keys) expect(await read(made.store, key)).toEqual(block(`for ${key}`));
    });

    test('a stream that fails leaves what was there before, and its own error', async () => {
      const failure = new Error('the job went away');
      await expect(made.store.put('key', Readable.from(failAfter(block('half'), failure)))).rejects.toBe(
        failure,
      );
      expect(await made.store.get('key')).toBeNull();
      await made.store.put('key', Readable.from([block('whole')]));
      await expect(made.store.put('key', Readable.from(failAfter(block('half'), failure)))).rejects.toBe(
        failure,
      );
      expect(await read(made.store, 'key')).toEqual(block('whole'));
    });

    test('many writers of one key leave one of their archives, and readers see whole ones', async () => {
      const archives = Array.from({ length: 8 }, (_, writer) => Buffer.alloc(300_000, writer + 1));
      await made.store.put('key', Readable.from([archives[0]]));
      await Promise.all(
        archives.map(async (archive) => {
          await made.store.put(
            'key',
            Readable.from([archive.subarray(0, 100_000), archive.subarray(100_000)]),
          );
          const seen = await read(made.store, 'key');
          expect(archives.some((one) => seen !== null && one.equals(seen))).toBe(true);
        }),
      );
    });
  });
}

function block(text: string): Buffer {
  return Buffer.alloc(512, text);
}

async function* failAfter(piece: Buffer, failure: Error): AsyncGenerator<Buffer> {
  yield piece;
  throw failure;
}

async function read(store: CacheStore, key: string): Promise<Buffer | null> {
  const archive = await store.get(key);
  return archive === null ? null : buffer(archive);
}
