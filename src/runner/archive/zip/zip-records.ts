/** One entry as a zip file's records have it (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4). */
export interface ZipEntry {
  /** UTF-8; a directory's ends in a slash. */
  readonly name: string;
  /** As in a Unix inode: the kind and the permission bits. */
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

export interface ZipContent {
  readonly method: typeof STORED | typeof DEFLATED;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
}

export const STORED = 0;
export const DEFLATED = 8;
export const SIGNATURES = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
} as const;
/** What 32 bits cannot hold is in an extra field or record of 64 bits, and here stands this. */
export const MOST_32 = 0xffffffff;
export const MOST_16 = 0xffff;
export const ZIP64_FIELD = 0x0001;
/** Info-ZIP's: times in UTC. */
export const TIME_FIELD = 0x5455;

const UNIX = 3;
const VERSION_64 = 45;
const NAME_IS_UTF8 = 1 << 11;
const SIZES_FOLLOW = 1 << 3;

/** @param content null: its sum and sizes follow it in a descriptor, whose sizes have 64 bits when `isLarge`. */
export function localHeader(entry: ZipEntry, content: ZipContent | null, isLarge: boolean): Buffer {
  const name = Buffer.from(entry.name);
  const extra = Buffer.concat([timeField(entry.modified), ...(isLarge ? [zip64Field([0, 0])] : [])]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(SIGNATURES.local, 0);
  header.writeUInt16LE(isLarge ? VERSION_64 : 20, 4);
  header.writeUInt16LE(NAME_IS_UTF8 | (content === null ? SIZES_FOLLOW : 0), 6);
  header.writeUInt16LE(content?.method ?? DEFLATED, 8);
  header.writeUInt32LE(dosTime(entry.modified), 10);
  header.writeUInt32LE(content?.crc32 ?? 0, 14);
  header.writeUInt32LE(content?.packedBytes ?? (isLarge ? MOST_32 : 0), 18);
  header.writeUInt32LE(content?.bytes ?? (isLarge ? MOST_32 : 0), 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

export function descriptor({ crc32, packedBytes, bytes }: ZipContent, isLarge: boolean): Buffer {
  const block = Buffer.alloc(isLarge ? 24 : 16);
  block.writeUInt32LE(SIGNATURES.descriptor, 0);
  block.writeUInt32LE(crc32, 4);
  if (isLarge) {
    block.writeBigUInt64LE(BigInt(packedBytes), 8);
    block.writeBigUInt64LE(BigInt(bytes), 16);
  } else {
    block.writeUInt32LE(packedBytes, 8);
    block.writeUInt32LE(bytes, 12);
  }
  return block;
}

export function centralHeader(
  entry: ZipEntry,
  content: ZipContent,
  offset: number,
  hasDescriptor: boolean,
): Buffer {
  const name = Buffer.from(entry.name);
  const sizes = [content.bytes, content.packedBytes, offset];
  const isLarge = sizes.some((value) => value >= MOST_32);
  const extra = Buffer.concat([timeField(entry.modified), ...(isLarge ? [zip64Field(sizes)] : [])]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(SIGNATURES.central, 0);
  header.writeUInt16LE((UNIX << 8) | VERSION_64, 4);
  header.writeUInt16LE(isLarge ? VERSION_64 : 20, 6);
  header.writeUInt16LE(NAME_IS_UTF8 | (hasDescriptor ? SIZES_FOLLOW : 0), 8);
  header.writeUInt16LE(content.method, 10);
  header.writeUInt32LE(dosTime(entry.modified), 12);
  header.writeUInt32LE(content.crc32, 16);
  header.writeUInt32LE(isLarge ? MOST_32 : content.packedBytes, 20);
  header.writeUInt32LE(isLarge ? MOST_32 : content.bytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE((entry.mode << 16) >>> 0, 38);
  header.writeUInt32LE(isLarge ? MOST_32 : offset, 42);
  return Buffer.concat([header, name, extra]);
}

/** The records after the list of entries; those of 64 bits only where they are needed. */
export function endRecords(entries: number, start: number, bytes: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(SIGNATURES.end, 0);
  end.writeUInt16LE(Math.min(entries, MOST_16), 8);
  end.writeUInt16LE(Math.min(entries, MOST_16), 10);
  end.writeUInt32LE(Math.min(bytes, MOST_32), 12);
  end.writeUInt32LE(Math.min(start, MOST_32), 16);
  if (entries < MOST_16 && bytes < MOST_32 && start < MOST_32) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(SIGNATURES.end64, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE((UNIX << 8) | VERSION_64, 12);
  end64.writeUInt16LE(VERSION_64, 14);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  end64.writeBigUInt64LE(BigInt(bytes), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(SIGNATURES.end64Locator, 0);
  locator.writeBigUInt64LE(BigInt(start + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
}

function timeField(modified: number): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(TIME_FIELD, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(1, 4);
  field.writeInt32LE(Math.min(Math.max(Math.floor(modified), -(2 ** 31)), 2 ** 31 - 1), 5);
  return field;
}

function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(ZIP64_FIELD, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return field;
}

/** Two seconds exact, from 1980 to 2107, in no time zone: the extra field has the real one. */
function dosTime(modified: number): number {
  const time = new Date(Math.min(Math.max(modified, 315532800), 4354819198) * 1000);
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  return ((date << 16) | clock) >>> 0;
}
