import { archiveDamaged } from '../archive-error.ts';
import { readZipDirectory, type ZipSource } from './zip-directory.ts';
import { contentStart, streamedContent } from './zip-to-tar.ts';

/** A file in a zip archive. */
export interface ZippedFile {
  readonly bytes: number;
  /** Unpacked while it is read. Throws AppError archive-damaged. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * One file out of a zip archive, wherever that is kept: only its list and that file are read. null when there is none at
 * this path.
 *
 * @throws AppError archive-damaged; also for an archive of more than a million entries.
 */
export async function openZipFile(source: ZipSource, path: string): Promise<ZippedFile | null> {
  const { size } = await source.stat();
  let entries = 0;
  for await (const entry of readZipDirectory(source, size)) {
    entries += 1;
    if (entries > MOST_ENTRIES) throw archiveDamaged('it has too many entries');
    if (entry.name !== path) continue;
    const start = await contentStart(source, entry, size);
    return { bytes: entry.bytes, content: streamedContent(source, entry, start) };
  }
  return null;
}

/**
 * The whole of one file of at most `maxBytes`; null when there is none at this path, or it is larger.
 *
 * @throws AppError archive-damaged; also for an archive of more than a million entries.
 */
export async function readZipFile(source: ZipSource, path: string, maxBytes: number): Promise<Buffer | null> {
  const file = await openZipFile(source, path);
  if (file === null || file.bytes > maxBytes) return null;
  const pieces: Buffer[] = [];
  for await (const piece of file.content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** As long as a list of so many is read, others wait a second. */
const MOST_ENTRIES = 1_000_000;
