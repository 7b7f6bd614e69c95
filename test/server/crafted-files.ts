import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import {
  centralHeader,
  DEFLATED,
  endRecords,
  localHeader,
} from '../../src/runner/archive/zip/zip-records.ts';

/** An entry that an honest program would not write. */
export interface CraftedEntry {
  readonly name: string;
  readonly content: string | Buffer;
  /** As in a Unix inode; absent: a file. */
  readonly mode?: number;
}

export const LINK = 0o120777;
const FILE = 0o100644;

export function craftedZip(entries: readonly CraftedEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = FILE } of entries) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const sizes = { crc32: crc32(bytes), packedBytes: packed.length, bytes: bytes.length };
    const entry = { name, mode, modified: 1_700_000_000 };
    const known = { method: DEFLATED, ...sizes } as const;
    const local = Buffer.concat([localHeader(entry, known, false), packed]);
    directory.push(centralHeader(entry, known, offset, false));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  return Buffer.concat([...parts, list, endRecords(entries.length, offset, list.length)]);
}

/** Small, and unpacked as many times 16 MB of a test report that never ends. */
export function gzipBomb(times: number): Buffer {
  const start = gzipSync('<testsuites><testsuite name="s"><testcase name="c"/><system-out>');
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024, '0'), { level: 9 });
  return Buffer.concat([start, ...Array.from({ length: times }, () => zeros)]);
}
