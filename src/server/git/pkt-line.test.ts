import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacketReader, FLUSH, MAX_PACKET, type Packet, packet } from './pkt-line.ts';

function readAll(chunks: readonly Buffer[]): readonly Packet[] {
  const reader = createPacketReader();
  const found: Packet[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let next = reader.next(); next !== null; next = reader.next()) {
      found.push(next);
      if (next.kind === 'malformed') return found;
    }
  }
  return found;
}

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [...places].map((place) => place % (bytes.length + 1)).sort((one, other) => one - other);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

describe('a stream of packets', () => {
  test('is the same however it was cut', () => {
    const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => packet(Buffer.from(bytes)));
    const any = fc.array(fc.oneof(content, fc.constant(FLUSH), fc.constant(Buffer.from('0001'))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(any, fc.array(fc.nat(), { maxLength: 40 }), (packets, places) => {
        const found = readAll(cut(Buffer.concat(packets), places));
        expect(found.map((each) => (each.kind === 'malformed' ? null : each.raw.toString('latin1')))).toEqual(
          packets.map((each) => each.toString('latin1')),
        );
      }),
    );
  });

  test('that is none ends, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (bytes, places) => {
          const found = readAll(cut(Buffer.from(bytes), places));
          const taken = found.reduce(
            (sum, each) => sum + (each.kind === 'malformed' ? 0 : each.raw.length),
            0,
          );
          expect(taken).toBeLessThanOrEqual(bytes.length);
        },
      ),
    );
  });

  test('the largest packet that comes a byte at a time is put together once', () => {
    const bytes = packet(Buffer.alloc(MAX_PACKET - 4, 7));
    const found = readAll(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)));
    expect(found).toEqual([{ kind: 'data', payload: bytes.subarray(4), raw: bytes }]);
  });

  test.each(['0003', 'fff1', 'PACK', '00-1', ' 004', '0x10'])('%s is no length', (text) => {
    expect(readAll([Buffer.from(text)])).toEqual([{ kind: 'malformed' }]);
  });
});
