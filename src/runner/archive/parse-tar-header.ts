import { TAR_BLOCK } from './tar-header.ts';

export interface TarHeader {
  readonly name: string;
  readonly type: TarType;
  /** As written; may have more than permission bits. */
  readonly mode: number;
  /** Bytes of content that follow. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** What a link points at. */
  readonly target: string;
}

export type TarType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hard link'
  | 'character device'
  | 'block device'
  | 'named pipe'
  | 'thing of an unknown kind'
  | 'pax'
  | 'pax-global'
  | 'long-name'
  | 'long-target';

/** By the type byte (POSIX ustar and pax; L and K are GNU's). */
const TYPES: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hard link',
  '2': 'symlink',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'named pipe',
  '7': 'file',
  x: 'pax',
  g: 'pax-global',
  L: 'long-name',
  K: 'long-target',
};

/** @returns `end` for a block of zeros; null for what is no header. */
export function parseTarHeader(block: Buffer): TarHeader | 'end' | null {
  const sum = readNumber(block, 148, 8);
  let expected = 0;
  for (let at = 0; at < TAR_BLOCK; at += 1) expected += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  if (expected === 8 * 0x20) return 'end';
  if (sum !== expected) return null;
  const size = readNumber(block, 124, 12);
  const modified = readNumber(block, 136, 12);
  const mode = readNumber(block, 100, 8);
  if (size === null || size < 0 || modified === null || mode === null || mode < 0) return null;
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? readText(block, 345, 155) : '';
  const shortName = readText(block, 0, 100);
  const name = prefix === '' ? shortName : `${prefix}/${shortName}`;
  return {
    name,
    type: TYPES[block.toString('latin1', 156, 157)] ?? 'thing of an unknown kind',
    mode,
    size,
    modified,
    target: readText(block, 157, 100),
  };
}

/**
 * The records of a pax header that say something about the next entry.
 *
 * @returns null when it is not a list of records.
 */
export function parsePaxRecords(text: Buffer): Partial<TarHeader> | null {
  const found: { -readonly [Key in keyof TarHeader]?: TarHeader[Key] } = {};
  let at = 0;
  while (at < text.length) {
    const space = text.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(text.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || at + length > text.length || space >= at + length) return null;
    const record = text.toString('utf8', space + 1, at + length - 1);
    at += length;
    const equals = record.indexOf('=');
    if (equals < 0 || text[at - 1] !== 0x0a) return null;
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (key === 'path') found.name = value;
    else if (key === 'linkpath') found.target = value;
    else if (key === 'mtime') found.modified = Number(value);
    else if (key === 'size') found.size = Number(value);
    // Holes are written in place of content: taken for content, they would give another file.
    else if (key.startsWith('GNU.sparse.')) found.type = 'thing of an unknown kind';
  }
  if (found.size !== undefined && !(Number.isSafeInteger(found.size) && found.size >= 0)) return null;
  if (found.modified !== undefined && !Number.isFinite(found.modified)) return null;
  return found;
}

function readText(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}

/** Octal digits, or with the first bit set a big-endian two's complement number (GNU). */
function readNumber(block: Buffer, start: number, length: number): number | null {
  const first = block[start] ?? 0;
  if ((first & 0x80) === 0) {
    const digits = readText(block, start, length).trim();
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : null;
  }
  const isNegative = (first & 0x40) !== 0;
  let value = isNegative ? (first | 0x80) - 0x100 : first & 0x3f;
  for (let at = start + 1; at < start + length; at += 1) value = value * 256 + (block[at] ?? 0);
  return Number.isSafeInteger(value) ? value : null;
}
