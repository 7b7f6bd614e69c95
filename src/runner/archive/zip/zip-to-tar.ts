import { Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { archiveDamaged } from '../archive-error.ts';
import { TAR_END, tarHeader, tarPadding } from '../tar-header.ts';
import { type ListedEntry, readAt, readZipDirectory, type ZipSource } from './zip-directory.ts';
import { DEFLATED, SIGNATURES, STORED } from './zip-records.ts';

/**
 * Reads a zip file as a tar stream. An entry never gives more bytes than its header says, so that whoever counts what
 * the headers say is safe from what is packed too well; names are whatever stands there, for the reader to judge.
 *
 * @throws AppError archive-damaged
 */
export async function* zipToTar(file: ZipSource): AsyncGenerator<Buffer> {
  const { size: fileBytes } = await file.stat();
  for await (const entry of readZipDirectory(file, fileBytes)) {
    const kind = kindOf(entry);
    const content = await contentStart(file, entry, fileBytes);
    const target = kind === 'symlink' ? (await wholeContent(file, entry, content)).toString('utf8') : '';
    const size = kind === 'file' ? entry.bytes : 0;
    yield tarHeader({
      name: kind === 'directory' ? entry.name.replace(/\/+$/, '') : entry.name,
      kind,
      mode: entry.mode & 0o7777,
      size,
      modified: entry.modified,
      target,
    });
    if (kind !== 'file') continue;
    if (entry.packedBytes <= SMALL_BYTES && entry.bytes <= SMALL_BYTES) {
      yield await wholeContent(file, entry, content);
    } else yield* streamedContent(file, entry, content);
    yield tarPadding(size);
  }
  yield TAR_END;
}

const SMALL_BYTES = 256 * 1024;
const FORMAT = 0o170000;

function kindOf({ name, mode, bytes }: ListedEntry): 'file' | 'directory' | 'symlink' {
  if (name.endsWith('/') || (mode & FORMAT) === 0o040000) return 'directory';
  if ((mode & FORMAT) !== 0o120000) return 'file';
  if (bytes > MOST_TARGET_BYTES) throw archiveDamaged('the target of a symbolic link is too long');
  return 'symlink';
}

/** No system takes a longer path. */
const MOST_TARGET_BYTES = 4096;

/** The local header repeats the name, and may have other extra fields than the list. */
export async function contentStart(file: ZipSource, entry: ListedEntry, fileBytes: number): Promise<number> {
  if (entry.isEncrypted) throw archiveDamaged('an entry is encrypted');
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw archiveDamaged('an entry is packed in an unknown way');
  }
  if (entry.offset + 30 > fileBytes) throw archiveDamaged('an entry is not where it says');
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== SIGNATURES.local) throw archiveDamaged('an entry is not where it says');
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.packedBytes > fileBytes) throw archiveDamaged('an entry ends too late');
  return start;
}

async function wholeContent(file: ZipSource, entry: ListedEntry, start: number): Promise<Buffer> {
  if (entry.packedBytes > SMALL_BYTES) throw archiveDamaged('an entry is larger than it says');
  const packed = await readAt(file, start, entry.packedBytes);
  const bytes = entry.method === STORED ? packed : inflate(packed, entry.bytes);
  checkSum(entry, bytes.length, crc32(bytes));
  return bytes;
}

function inflate(packed: Buffer, most: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, most) });
  } catch {
    throw archiveDamaged('an entry cannot be unpacked'); // Node's own words name neither the entry nor the file.
  }
}

export async function* streamedContent(
  file: ZipSource,
  entry: ListedEntry,
  start: number,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  for await (const piece of unpacked(file, entry, start)) {
    bytes += piece.length;
    if (bytes > entry.bytes) break;
    crc = crc32(piece, crc);
    yield piece;
  }
  checkSum(entry, bytes, crc);
}

async function* unpacked(file: ZipSource, entry: ListedEntry, start: number): AsyncGenerator<Buffer> {
  const packed = piecesOf(file, start, entry.packedBytes);
  if (entry.method === STORED) {
    yield* packed;
    return;
  }
  const source = Readable.from(packed, { objectMode: false });
  const inflating = createInflateRaw({ chunkSize: SMALL_BYTES });
  source.once('error', (error) => inflating.destroy(error));
  try {
    for await (const piece of source.pipe(inflating)) if (Buffer.isBuffer(piece)) yield piece;
  } catch (error) {
    if (isZlibError(error)) throw archiveDamaged('an entry cannot be unpacked');
    throw error;
  } finally {
    source.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

async function* piecesOf(file: ZipSource, start: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; at += SMALL_BYTES) {
    yield await readAt(file, start + at, Math.min(SMALL_BYTES, length - at));
  }
}

function checkSum(entry: ListedEntry, bytes: number, crc: number): void {
  if (bytes !== entry.bytes) throw archiveDamaged('an entry has not the size that it says');
  if (crc !== entry.crc32) throw archiveDamaged('the checksum of an entry is wrong');
}
