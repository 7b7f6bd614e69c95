import { createHash } from 'node:crypto';
import { type BackupItem, FRAME, MAX_CONTENT_BYTES, MAX_ITEM_BYTES } from './backup-items.ts';

export function itemFrame(item: BackupItem): Buffer {
  const body = Buffer.from(JSON.stringify(item));
  if (body.length > MAX_ITEM_BYTES)
    throw new RangeError(`An item of ${body.length} bytes is too large for a backup`);
  return frame(FRAME.item, body);
}

/**
 * Content behind its item, and the `end` with its sum. When the source fails with what `isGone` knows, the content
 * counts as taken away.
 */
export async function* contentFrames(
  content: AsyncIterable<Uint8Array>,
  isGone: (error: unknown) => boolean = () => false,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  let whole = true;
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      hash.update(chunk);
      for (let from = 0; from < chunk.length; from += MAX_CONTENT_BYTES) {
        yield frame(FRAME.content, chunk.subarray(from, from + MAX_CONTENT_BYTES));
      }
    }
  } catch (error) {
    if (!isGone(error)) throw error;
    whole = false;
  }
  yield itemFrame({ kind: 'end', bytes, sha256: hash.digest('hex'), whole });
}

/** All frames, and the `seal` over them. */
export async function* sealed(frames: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const bytesOfFrame of frames) {
    bytes += bytesOfFrame.length;
    hash.update(bytesOfFrame);
    yield bytesOfFrame;
  }
  yield itemFrame({ kind: 'seal', bytes, sha256: hash.digest('hex') });
}

function frame(kind: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length);
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32BE(body.length, 1);
  bytes.set(body, 5);
  return bytes;
}
