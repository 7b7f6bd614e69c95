/** One entry as it goes into an archive. */
export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** What a symlink points at; empty otherwise. */
  readonly target: string;
}

export const TAR_BLOCK = 512;

/**
 * The blocks before an entry's content: a ustar header (POSIX.1-1988), and before it a pax header (POSIX.1-2001) for
 * what ustar cannot say: long or non-ASCII names, more than 8 GiB, times before 1970 or after 2242.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.kind === 'directory' ? `${entry.name}/` : entry.name;
  const modified = Math.floor(entry.modified);
  const records: string[] = [];
  if (!fits(name)) records.push(paxRecord('path', name));
  if (!fits(entry.target)) records.push(paxRecord('linkpath', entry.target));
  if (entry.size > MAX_OCTAL_11) records.push(paxRecord('size', String(entry.size)));
  if (modified < 0 || modified > MAX_OCTAL_11) records.push(paxRecord('mtime', String(modified)));
  const header = ustarHeader({ ...entry, name, modified }, TYPE_FLAGS[entry.kind]);
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(''));
  const paxHeader = ustarHeader(
    { name: 'PaxHeader', kind: 'file', mode: 0o644, size: pax.length, modified: 0, target: '' },
    'x',
  );
  return Buffer.concat([paxHeader, pax, tarPadding(pax.length), header]);
}

/** What fills an entry's content up to whole blocks. */
export function tarPadding(size: number): Buffer {
  const over = size % TAR_BLOCK;
  return over === 0 ? NOTHING : ZEROS.subarray(0, TAR_BLOCK - over);
}

/** Two blocks of zeros end an archive. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

const NOTHING = Buffer.alloc(0);
const ZEROS = Buffer.alloc(TAR_BLOCK);
const NAME_BYTES = 100;
const MAX_OCTAL_11 = 8 ** 11 - 1;
const TYPE_FLAGS = { file: '0', symlink: '2', directory: '5' } as const;

function fits(text: string): boolean {
  return text.length <= NAME_BYTES && /^[\x20-\x7e]*$/.test(text);
}

function ustarHeader(entry: TarEntry, typeFlag: string): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(entry.name, 0, NAME_BYTES);
  block.write(octal(entry.mode & 0o7777, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(Math.min(entry.size, MAX_OCTAL_11), 11), 124);
  block.write(octal(Math.min(Math.max(entry.modified, 0), MAX_OCTAL_11), 11), 136);
  block.write('        ', 148);
  block.write(typeFlag, 156);
  block.write(entry.target, 157, NAME_BYTES);
  block.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length += 1;
  return `${length} ${key}=${value}\n`;
}
