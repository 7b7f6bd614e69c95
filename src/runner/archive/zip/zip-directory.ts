import { archiveDamaged } from '../archive-error.ts';
import {
  MOST_16,
  MOST_32,
  SIGNATURES,
  TIME_FIELD,
  ZIP64_FIELD,
  type ZipContent,
  type ZipEntry,
} from './zip-records.ts';

/** Something in which a zip file can be read at any place: an open file, or a part of a storage. */
export interface ZipSource {
  stat(): Promise<{ readonly size: number }>;
  read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

export interface ListedEntry extends ZipEntry, Omit<ZipContent, 'method'> {
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Of its local header. */
  readonly offset: number;
}

/**
 * Reads the list at the end of a zip file, which alone says what is in it, entry by entry; in memory is a window of it.
 *
 * @throws AppError archive-damaged
 */
export async function* readZipDirectory(file: ZipSource, fileBytes: number): AsyncGenerator<ListedEntry> {
  const { entries, start, bytes } = await findDirectory(file, fileBytes);
  let window: Buffer = Buffer.alloc(0);
  let position = start;
  const end = start + bytes;
  const need = async (length: number): Promise<Buffer> => {
    if (window.length < length) {
      const more = await readAt(file, position, Math.min(Math.max(WINDOW_BYTES, length), end - position));
      position += more.length;
      window = Buffer.concat([window, more]);
    }
    if (window.length < length) throw archiveDamaged('its list of entries ends too early');
    return window;
  };
  for (let index = 0; index < entries; index += 1) {
    const fixed = await need(46);
    if (fixed.readUInt32LE(0) !== SIGNATURES.central) throw archiveDamaged('its list of entries is wrong');
    const [name, extra, comment] = [fixed.readUInt16LE(28), fixed.readUInt16LE(30), fixed.readUInt16LE(32)];
    const length = 46 + name + extra + comment;
    yield readEntry((await need(length)).subarray(0, length), name, extra);
    window = window.subarray(length);
  }
}

export async function readAt(file: ZipSource, position: number, length: number): Promise<Buffer> {
  const into = Buffer.alloc(Math.max(0, length));
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw archiveDamaged('it ends too early');
    done += bytesRead;
  }
  return into;
}

const WINDOW_BYTES = 256 * 1024;

interface Directory {
  readonly entries: number;
  readonly start: number;
  readonly bytes: number;
}

/** The last record has a comment of up to 64 KiB after it. */
async function findDirectory(file: ZipSource, fileBytes: number): Promise<Directory> {
  const length = Math.min(fileBytes, 22 + MOST_16 + 20);
  const tail = await readAt(file, fileBytes - length, length);
  const at = findEnd(tail);
  if (at === null) throw archiveDamaged('it is no zip file, or was cut off');
  const found = {
    entries: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    start: tail.readUInt32LE(at + 16),
  };
  const isLarge = found.entries === MOST_16 || found.bytes === MOST_32 || found.start === MOST_32;
  const locator = at - 20;
  const directory =
    isLarge && locator >= 0 && tail.readUInt32LE(locator) === SIGNATURES.end64Locator
      ? await readLargeEnd(file, fileBytes, number64(tail, locator + 8))
      : found;
  if (directory.start + directory.bytes > fileBytes || directory.entries * 46 > directory.bytes) {
    throw archiveDamaged('its list of entries is not where it says');
  }
  return directory;
}

function findEnd(tail: Buffer): number | null {
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== SIGNATURES.end) continue;
    if (at + 22 + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return null;
}

async function readLargeEnd(file: ZipSource, fileBytes: number, position: number): Promise<Directory> {
  if (position + 56 > fileBytes) throw archiveDamaged('its last record is not where it says');
  const record = await readAt(file, position, 56);
  if (record.readUInt32LE(0) !== SIGNATURES.end64) throw archiveDamaged('its last record is wrong');
  return { entries: number64(record, 32), bytes: number64(record, 40), start: number64(record, 48) };
}

function readEntry(record: Buffer, nameLength: number, extraLength: number): ListedEntry {
  const extras = readExtras(record.subarray(46 + nameLength, 46 + nameLength + extraLength));
  const name = record.toString('utf8', 46, 46 + nameLength);
  const large = extras.get(ZIP64_FIELD) ?? Buffer.alloc(0);
  let used = 0;
  /** Only what does not fit into its 32 bits is in the extra field, in this order. */
  const wide = (at: number): number => {
    const value = record.readUInt32LE(at);
    if (value !== MOST_32) return value;
    if (used + 8 > large.length) throw archiveDamaged('the size of an entry is missing');
    used += 8;
    return number64(large, used - 8);
  };
  const bytes = wide(24);
  const packedBytes = wide(20);
  const offset = wide(42);
  const isUnix = record.readUInt8(5) === 3;
  const mode = isUnix ? record.readUInt32LE(38) >>> 16 : 0;
  return {
    name,
    mode: mode === 0 ? usualMode(name) : mode,
    modified: modifiedOf(extras.get(TIME_FIELD), record.readUInt32LE(12)),
    method: record.readUInt16LE(10),
    isEncrypted: (record.readUInt16LE(8) & 1) !== 0,
    crc32: record.readUInt32LE(16),
    bytes,
    packedBytes,
    offset,
  };
}

function readExtras(extra: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let at = 0;
  while (at + 4 <= extra.length) {
    const length = extra.readUInt16LE(at + 2);
    fields.set(extra.readUInt16LE(at), extra.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

function usualMode(name: string): number {
  return name.endsWith('/') ? 0o040755 : 0o100644;
}

function modifiedOf(field: Buffer | undefined, dos: number): number {
  if (field !== undefined && field.length >= 5 && (field.readUInt8(0) & 1) === 1) return field.readInt32LE(1);
  const [date, clock] = [dos >>> 16, dos & 0xffff];
  return (
    Date.UTC(
      1980 + (date >> 9),
      ((date >> 5) & 15) - 1,
      date & 31,
      clock >> 11,
      (clock >> 5) & 63,
      (clock & 31) * 2,
    ) / 1000
  );
}

function number64(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw archiveDamaged('a size in it is too large');
  return Number(value);
}
