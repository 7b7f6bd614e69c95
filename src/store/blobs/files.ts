import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { ByteRange } from './blobs.ts';

/** A new name of a file is on the disk only when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Null when there is no such file. */
export async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(missing);
  return found?.isFile() ? found.size : null;
}

function missing(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}

/** The bytes of a range, in a file that may grow meanwhile. */
export async function* readPart(
  path: string,
  size: number,
  { from = 0, to = size }: ByteRange,
): AsyncGenerator<Uint8Array> {
  const end = Math.min(to, size);
  if (from >= end) return;
  // The last byte is included there.
  yield* createReadStream(path, { start: from, end: end - 1, highWaterMark: 256 * 1024 });
}
