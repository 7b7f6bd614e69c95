import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobArtifact } from '../../protocol/index.ts';
import type { ArtifactStore } from '../ports.ts';

export interface ArtifactStoreUnderTest extends AsyncDisposable {
  readonly store: ArtifactStore;
}

/** What every ArtifactStore has to do. Stores that look at what they keep get tar streams; these here are one block. */
export function describeArtifactStore(name: string, make: () => Promise<ArtifactStoreUnderTest>): void {
  describe(`${name} is an artifact store`, () => {
    let made: ArtifactStoreUnderTest;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(() => made[Symbol.asyncDispose]());

    test('has nothing for a job that kept nothing', async () => {
      expect(await made.store.get(1)).toBeNull();
    });

    test('gives back, any number of times, what it was given', async () => {
      await made.store.put(1, artifact('archive'), 'artifacts.tar', Readable.from([EMPTY_TAR]));
      for (let time = 0; time < 2; time += 1) expect(await read(made.store, 1)).toEqual(EMPTY_TAR);
    });

    test('keeps large archives whole', async () => {
      const pieces = Array.from({ length: 64 }, (_, index) => Buffer.alloc(65_536, index));
      await made.store.put(1, artifact('archive'), 'artifacts.tar', Readable.from(pieces));
      expect((await read(made.store, 1))?.equals(Buffer.concat(pieces))).toBe(true);
    });

    test('says how many bytes it keeps', async () => {
      const { bytes } = await made.store.put(1, artifact('archive'), 'a.tar', Readable.from([EMPTY_TAR]));
      expect(bytes).toBeGreaterThan(0);
    });

    test('keeps jobs apart, and reports apart from the archive', async () => {
      await made.store.put(1, artifact('archive'), 'artifacts.tar', Readable.from([block('one')]));
      await made.store.put(2, artifact('archive'), 'artifacts.tar', Readable.from([block('two')]));
      await made.store.put(1, artifact('junit'), 'junit.tar', Readable.from([block('report')]));
      await made.store.put(3, artifact('junit'), 'junit.tar', Readable.from([block('report')]));
      expect(await read(made.store, 1)).toEqual(block('one'));
      expect(await read(made.store, 2)).toEqual(block('two'));
      expect(await made.store.get(3)).toBeNull();
    });

    test('replaces what a job kept before', async () => {
      await made.store.put(1, artifact('archive'), 'artifacts.tar', Readable.from([block('first')]));
      await made.store.put(1, artifact('archive'), 'other.tar', Readable.from([block('second')]));
      expect(await read(made.store, 1)).toEqual(block('second'));
    });

    test('a stream that fails leaves what was there before, and its own error', async () => {
      const failure = new Error('the job went away');
      const failing = () => Readable.from(failAfter(block('half'), failure));
      await expect(made.store.put(1, artifact('archive'), 'a.tar', failing())).rejects.toBe(failure);
      expect(await made.store.get(1)).toBeNull();
      await made.store.put(1, artifact('archive'), 'a.tar', Readable.from([block('whole')]));
      await expect(made.store.put(1, artifact('archive'), 'a.tar', failing())).rejects.toBe(failure);
      expect(await read(made.store, 1)).toEqual(block('whole'));
    });

    test('no name of an archive leads anywhere else', async () => {
      await made.store.put(1, artifact('archive'), '../../2/archive', Readable.from([block('one')]));
      expect(await read(made.store, 1)).toEqual(block('one'));
      expect(await made.store.get(2)).toBeNull();
    });

    test('a reader is not disturbed by a replacement', async () => {
      const pieces = Array.from({ length: 64 }, (_, index) => Buffer.alloc(65_536, index));
      await made.store.put(1, artifact('archive'), 'a.tar', Readable.from(pieces));
      const reading = await made.store.get(1);
      await made.store.put(1, artifact('archive'), 'a.tar', Readable.from([block('new')]));
      expect(reading === null ? null : (await buffer(reading)).length).toBe(64 * 65_536);
    });
  });
}

const EMPTY_TAR = Buffer.alloc(1024);

function block(text: string): Buffer {
  return Buffer.alloc(512, text);
}

async function* failAfter(piece: Buffer, failure: Error): AsyncGenerator<Buffer> {
  yield piece;
  throw failure;
}

async function read(store: ArtifactStore, jobId: number): Promise<Buffer | null> {
  const archive = await store.get(jobId);
  return archive === null ? null : buffer(archive);
}

function artifact(type: string): JobArtifact {
  return { type, name: null, paths: [], exclude: [], untracked: false, when: 'always', expireIn: null };
}
