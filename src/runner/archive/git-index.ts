import { type OpenDirectory, openChild } from './open-directory.ts';
import { readWholeFile } from './read-whole-file.ts';
import { isSystemError } from './system-error.ts';

/**
 * The paths that git tracks, from `.git/index` itself. Asking the git program is no option: the job can write its
 * `.git/config`, and that may name programs for git to start (`core.fsmonitor`), outside the job's sandbox.
 *
 * Format: gitformat-index(5), versions 2 to 4.
 *
 * @returns null when there is no index that can be read; then nothing counts as tracked.
 */
export async function readTrackedPaths(project: OpenDirectory): Promise<ReadonlySet<string> | null> {
  try {
    const git = await openChild(project, '.git');
    try {
      const bytes = await readWholeFile(git, 'index', MAX_INDEX_BYTES);
      return bytes === null ? null : parseIndex(bytes);
    } finally {
      await git[Symbol.asyncDispose]();
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return null;
    throw error;
  }
}

/** About four million files. */
const MAX_INDEX_BYTES = 512 * 1024 * 1024;

const MAX_PATH_BYTES = 4_096;
const HEADER_BYTES = 12;
/** Times, device, inode, mode, owner, size and the object id of SHA-1; then two bytes of flags. */
const FIXED_BYTES = 62;
const CHECKSUM_BYTES = 20;
const EXTENDED_FLAG = 0x4000;

export function parseIndex(bytes: Buffer): ReadonlySet<string> | null {
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES || bytes.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = bytes.readUInt32BE(4);
  const count = bytes.readUInt32BE(8);
  if (version < 2 || version > 4) return null;
  const paths = new Set<string>();
  let at = HEADER_BYTES;
  let previous: Buffer = Buffer.alloc(0);
  for (let entry = 0; entry < count; entry += 1) {
    const start = at;
    if (start + FIXED_BYTES > bytes.length) return null;
    const extended = (bytes.readUInt16BE(start + FIXED_BYTES - 2) & EXTENDED_FLAG) !== 0;
    at += FIXED_BYTES + (extended ? 2 : 0);
    let kept: Buffer = Buffer.alloc(0);
    if (version === 4) {
      const cut = readOffset(bytes, at);
      if (cut === null || cut.value > previous.length) return null;
      at = cut.next;
      kept = previous.subarray(0, previous.length - cut.value);
    }
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    const path = version === 4 ? Buffer.concat([kept, bytes.subarray(at, end)]) : bytes.subarray(at, end);
    // Version 4 can say long paths in a few bytes: without a bound a small index would fill the memory.
    if (path.length > MAX_PATH_BYTES) return null;
    paths.add(path.toString('utf8'));
    // Up to version 3 each entry is padded with one to eight NULs to a multiple of eight bytes.
    at = version === 4 ? end + 1 : start + Math.floor((end - start + 8) / 8) * 8;
    previous = path;
  }
  return hasLinkExtension(bytes, at) ? null : paths;
}

/** A split index (extension `link`) keeps most entries in another file; read alone it would lie. */
function hasLinkExtension(bytes: Buffer, start: number): boolean {
  let at = start;
  while (at + 8 <= bytes.length - CHECKSUM_BYTES) {
    if (bytes.toString('latin1', at, at + 4) === 'link') return true;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return false;
}

/** The variable-width number of pack files: seven bits a byte, one added at each further byte. */
function readOffset(bytes: Buffer, start: number): { readonly value: number; readonly next: number } | null {
  let at = start;
  let byte = bytes[at];
  if (byte === undefined) return null;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    at += 1;
    byte = bytes[at];
    if (byte === undefined || value > 0xffff) return null;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at + 1 };
}
