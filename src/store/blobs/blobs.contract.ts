import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blobs, ByteRange } from './blobs.ts';

/** What every place for blobs does. `open` gives the same place again, as after a restart; each test has keys of its own. */
export function describeBlobs(name: string, open: () => Promise<Blobs>): void {
  let tests = 0;
  async function fresh(): Promise<{ readonly blobs: Blobs; readonly at: string }> {
    tests += 1;
    return { blobs: await open(), at: `test-${tests}` };
  }

  describe(`blobs in ${name}`, () => {
    it('gives back what was put, also after a restart, and its size and checksum', async () => {
      const { blobs, at } = await fresh();
      const bytes = Buffer.alloc(300_000, 'abcdefg');
      const stored = await blobs.put(`${at}/a.zip`, pieces(bytes));
      expect(stored).toEqual({
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      expect(await text(await open(), `${at}/a.zip`)).toBe(bytes.toString());
    });

    it('gives any part of it', async () => {
      const { blobs, at } = await fresh();
      const whole = '0123456789';
      await blobs.put(`${at}/a`, pieces(Buffer.from(whole)));
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: 12 }), fc.nat({ max: 12 }), async (from, to) => {
          expect(await text(blobs, `${at}/a`, { from, to })).toBe(from < to ? whole.slice(from, to) : '');
        }),
        { numRuns: 30 },
      );
      expect(await text(blobs, `${at}/a`, { from: 7 })).toBe('789');
      expect((await blobs.get(`${at}/a`, { from: 4 }))?.size).toBe(10);
    });

    it('takes a large stream, and one without a byte', async () => {
      const { blobs, at } = await fresh();
      const part = Buffer.alloc(1024 * 1024, 'x');
      async function* large() {
        for (let count = 0; count < 14; count += 1) yield part;
      }
      expect(await blobs.put(`${at}/large`, large())).toMatchObject({ size: 14 * part.length });
      expect((await blobs.get(`${at}/large`, { from: 0, to: 1 }))?.size).toBe(14 * part.length);
      expect(await blobs.put(`${at}/empty`, pieces(Buffer.alloc(0)))).toMatchObject({ size: 0 });
      expect(await text(blobs, `${at}/empty`)).toBe('');
    });

    it.each([1, 9])('keeps what it had when the stream fails after %i MB', async (megabytes) => {
      const { blobs, at } = await fresh();
      await blobs.put(`${at}/a`, pieces(Buffer.from('before')));
      async function* broken() {
        for (let count = 0; count < megabytes; count += 1) yield Buffer.alloc(1024 * 1024);
        throw new Error('the network is gone');
      }
      await expect(blobs.put(`${at}/a`, broken())).rejects.toThrow('the network is gone');
      await expect(blobs.put(`${at}/b`, broken())).rejects.toThrow('the network is gone');
      expect(await text(blobs, `${at}/a`)).toBe('before');
      expect(await keys(blobs, `${at}/`)).toEqual([`${at}/a`]);
    });

    it('refuses what is too large, and stops when it is told to', async () => {
      const { blobs, at } = await fresh();
      const put = (limits: object) => blobs.put(`${at}/a`, pieces(Buffer.from('12345')), limits);
      await expect(put({ maxBytes: 4 })).rejects.toMatchObject({ code: 'blob-too-large' });
      await expect(put({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
      expect(await blobs.get(`${at}/a`)).toBeNull();
      expect(await put({ maxBytes: 5 })).toMatchObject({ size: 5 });
    });

    it('lists by prefix in order, and forgets what is deleted', async () => {
      const { blobs, at } = await fresh();
      for (const key of ['b/2', 'a/1', 'b/10', 'bc'])
        await blobs.put(`${at}/${key}`, pieces(Buffer.from(key)));
      expect(await keys(blobs, `${at}/b/`)).toEqual([`${at}/b/10`, `${at}/b/2`]);
      await blobs.delete(`${at}/b/2`);
      await blobs.delete(`${at}/b/2`);
      expect(await keys(blobs, `${at}/`)).toEqual([`${at}/a/1`, `${at}/b/10`, `${at}/bc`]);
      expect(await blobs.get(`${at}/b/2`)).toBeNull();
    });

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.b', '.a', 'a b', 'a\0b', 'ä', 'a'.repeat(300)])(
      'refuses the key %j',
      async (key) => {
        const { blobs } = await fresh();
        await expect((async () => blobs.put(key, pieces(Buffer.from('x'))))()).rejects.toThrow('Not a key');
        await expect((async () => blobs.get(key))()).rejects.toThrow('Not a key');
        await expect((async () => blobs.traces.append(key, 0, Buffer.from('x')))()).rejects.toThrow(
          'Not a key',
        );
      },
    );
  });

  describe(`traces in ${name}`, () => {
    it('grow only at their end, and are read while they do', async () => {
      const { blobs, at } = await fresh();
      const { traces } = blobs;
      expect(await traces.size(at)).toBe(0);
      expect(await traceText(blobs, at)).toBe('');
      expect(await traces.append(at, 0, Buffer.from('hello '))).toBe(6);
      expect(await traceText(blobs, at)).toBe('hello ');
      expect(await traces.append(at, 6, Buffer.from('world'))).toBe(11);
      // The same once more, and one that leaves a gap.
      expect(await traces.append(at, 6, Buffer.from('world'))).toBe(11);
      expect(await traces.append(at, 99, Buffer.from('!'))).toBe(11);
      expect(await traceText(await open(), at)).toBe('hello world');
      expect(await (await open()).traces.size(at)).toBe(11);
    });

    it('are what was acknowledged, whoever of two writes and in whatever pieces', async () => {
      const { at } = await fresh();
      const writers = [await open(), await open()] as const;
      let expected = '';
      for (let turn = 0; turn < 20; turn += 1) {
        const piece = `${turn} `.repeat(turn + 1);
        const { traces } = writers[turn % 2 === 0 ? 0 : 1];
        expect(await traces.append(at, expected.length, Buffer.from(piece))).toBe(
          expected.length + piece.length,
        );
        expected += piece;
      }
      for (const [from, to] of [
        [0, undefined],
        [3, 40],
        [100, 101],
        [5000, undefined],
      ] as const) {
        const range = to === undefined ? { from } : { from, to };
        expect(await traceText(writers[0], at, range)).toBe(expected.slice(from, to));
      }
    });

    it('take one of those that come for the same place', async () => {
      const { blobs, at } = await fresh();
      const sizes = await Promise.all(
        ['aaa', 'bbbb', 'c'].map((word) => blobs.traces.append(at, 0, Buffer.from(word))),
      );
      const written = await traceText(blobs, at);
      expect(['aaa', 'bbbb', 'c']).toContain(written);
      expect(sizes).toContain(written.length);
    });

    it('begin anew after they were deleted', async () => {
      const { blobs, at } = await fresh();
      await blobs.traces.append(at, 0, Buffer.from('first'));
      await blobs.traces.delete(at);
      expect(await blobs.traces.size(at)).toBe(0);
      expect(await blobs.traces.append(at, 0, Buffer.from('second'))).toBe(6);
      expect(await traceText(blobs, at)).toBe('second');
    });
  });
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}

async function text(blobs: Blobs, key: string, range?: ByteRange): Promise<string> {
  const found = await blobs.get(key, range);
  if (found === null) throw new Error(`There is no ${key}`);
  return await all(found.content);
}

function traceText(blobs: Blobs, key: string, range?: ByteRange): Promise<string> {
  return all(blobs.traces.read(key, range));
}

async function all(content: AsyncIterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const bytes of content) found.push(bytes);
  return Buffer.concat(found).toString();
}

async function keys(blobs: Blobs, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key } of blobs.list(prefix)) found.push(key);
  return found;
}
