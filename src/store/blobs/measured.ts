import { createHash } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import type { PutLimits, StoredBlob } from './blobs.ts';

/** Content that is measured while it goes by; `result` is right once all of it has. */
export interface Measured {
  readonly content: AsyncIterable<Uint8Array>;
  result(): StoredBlob;
}

/** The content throws an AppError `blob-too-large` beyond the limit, and the reason of the signal when that aborts. */
export function measured(source: AsyncIterable<Uint8Array>, { maxBytes, signal }: PutLimits): Measured {
  const hash = createHash('sha256');
  let size = 0;

  async function* content(): AsyncGenerator<Uint8Array> {
    signal?.throwIfAborted();
    for await (const bytes of source) {
      signal?.throwIfAborted();
      size += bytes.length;
      if (maxBytes !== undefined && size > maxBytes) throw tooLarge(maxBytes);
      hash.update(bytes);
      yield bytes;
    }
  }

  return { content: content(), result: () => ({ size, sha256: hash.digest('hex') }) };
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('blob-too-large', `The upload is larger than the ${maxBytes} bytes that are allowed.`);
}
