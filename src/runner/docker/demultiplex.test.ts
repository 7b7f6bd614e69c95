import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { demultiplex } from './demultiplex.ts';

it('gives the output back, however the frames are cut on their way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ stream: fc.constantFrom(1, 2), output: fc.uint8Array({ maxLength: 40 }) })),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      async (frames, sizes) => {
        const wire = Buffer.concat(
          frames.flatMap(({ stream, output }) => [header(stream, output.length), output]),
        );
        const expected = Buffer.concat(frames.map(({ output }) => output));
        expect(await collect(demultiplex(pieces(wire, sizes)))).toEqual(expected);
      },
    ),
  );
});

it('passes on what has come of a frame that is cut off', async () => {
  const wire = Buffer.concat([header(1, 100), Buffer.from('partial')]);
  expect((await collect(demultiplex(pieces(wire, [64])))).toString()).toBe('partial');
});

it('does not wait for the end of a long frame', async () => {
  const wire = Buffer.concat([header(1, 1_000_000_000), Buffer.from('first bytes')]);
  const { value } = await demultiplex(pieces(wire, [64])).next();
  expect(Buffer.from(value ?? []).toString()).toBe('first bytes');
});

function header(stream: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[0] = stream;
  bytes.writeUInt32BE(length, 4);
  return bytes;
}

async function* pieces(wire: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < wire.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield wire.subarray(at, at + size);
    at += size;
  }
}

async function collect(output: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks);
}
