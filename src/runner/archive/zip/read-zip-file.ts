import { archiveDamaged } from '../archive-error.ts';
import { readZipDirectory, type ZipSource } from './zip-directory.ts';
import { contentStart, streamedContent } from './zip-to-tar.ts';

/**
 * One file out of a zip archive, wherever that is kept: only its list and that file are read. null when there is none at
 * this path, or it is larger than `maxBytes`.
 *
 * @throws AppError archive-damaged; also for an archive of more than a million entries.
 */
export async function readZipFile(source: ZipSource, path: string, maxBytes: number): Promise<Buffer | null> {
  const { size } = await source.stat();
  let entries = 0;
  for await (const entry of readZipDirectory(source, size)) {
    entries += 1;
    if (entries > MOST_ENTRIES) throw archiveDamaged('it has too many entries');
    if (entry.name !== path) continue;
    if (entry.bytes > maxBytes) return null;
    const pieces: Buffer[] = [];
    for await (const piece of streamedContent(source, entry, await contentStart(source, entry, size))) {
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
  return null;
}

/** As long as a list of so many is read, others wait a second. */
const MOST_ENTRIES = 1_000_000;
