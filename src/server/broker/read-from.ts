import { Readable } from 'node:stream';
import type { Blobs, ByteRange } from '../../store/index.ts';

/** A part of a blob as a stream; it is opened when it is read, and fails when the blob is gone by then. */
export function readFrom(blobs: Blobs, key: string, range: ByteRange): Readable {
  return Readable.from(parts(), { objectMode: false });

  async function* parts(): AsyncGenerator<Uint8Array> {
    const blob = await blobs.get(key, range);
    if (blob === null) throw new Error(`There is no blob ${key} any more`);
    yield* blob.content;
  }
}
