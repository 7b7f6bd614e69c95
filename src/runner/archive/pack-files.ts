import { type FileHandle, lstat, readlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type DirectoryCursor, openDirectoryCursor } from './directory-cursor.ts';
import { type OpenDirectory, openChild } from './open-directory.ts';
import { openRegularFile, readFully } from './read-whole-file.ts';
import type { SelectedEntry } from './select-files.ts';
import { isSystemError } from './system-error.ts';
import { TAR_END, type TarEntry, tarHeader, tarPadding } from './tar-header.ts';

export interface PackedFiles {
  readonly archive: Readable;
  /** What has gone into the archive so far; final once its stream has ended. */
  readonly tally: () => PackedTally;
}

export interface PackedTally {
  /** Files and links; directories are not counted. */
  readonly files: number;
  /** Content, before any compression. */
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/**
 * Packs the selected entries of a workspace into a tar stream: names relative to the project, modes and whole seconds
 * of modification times kept, links as links. It reads no faster than the stream is read.
 *
 * The tree may change under it: what has vanished, or is no longer what it was when it was selected, is left out with a
 * warning; a file that shrinks while it is read is filled up with zeros, one that grows is cut at the size it had.
 */
export function packFiles(request: {
  readonly workspace: string;
  readonly entries: readonly SelectedEntry[];
  readonly signal: AbortSignal;
}): PackedFiles {
  const tally: Tally = { files: 0, bytes: 0, warnings: [] };
  const blocks = joinSmallBlocks(packBlocks(request.workspace, request.entries, tally));
  const archive = Readable.from(blocks, {
    objectMode: false,
    highWaterMark: LARGE_READ,
    signal: request.signal,
  });
  return { archive, tally: () => tally };
}

interface Tally {
  files: number;
  bytes: number;
  readonly warnings: string[];
}

/** So many files are opened at once, because for a small file opening and closing cost more than reading. */
const AT_ONCE = 16;
const SMALL_FILE = 64 * 1024;
const LARGE_READ = 64 * 1024;

async function* packBlocks(
  workspace: string,
  entries: readonly SelectedEntry[],
  tally: Tally,
): AsyncGenerator<Buffer> {
  if (entries.length > 0) {
    const cursor = await openDirectoryCursor(workspace, openChild);
    try {
      for (const batch of batches(entries)) yield* packBatch(cursor, batch, tally);
    } finally {
      await cursor[Symbol.asyncDispose]();
    }
  }
  yield TAR_END;
}

/** Runs of entries of one directory, so that no directory is left while a file of it is being opened. */
function* batches(entries: readonly SelectedEntry[]): Generator<readonly SelectedEntry[]> {
  let start = 0;
  for (let at = 1; at <= entries.length; at += 1) {
    if (at - start < AT_ONCE && entries[at]?.directory === entries[start]?.directory) continue;
    yield entries.slice(start, at);
    start = at;
  }
}

interface Opened {
  readonly entry: TarEntry;
  readonly content: Buffer | FileHandle | null;
}

async function* packBatch(
  cursor: DirectoryCursor,
  batch: readonly SelectedEntry[],
  tally: Tally,
): AsyncGenerator<Buffer> {
  const opening = await Promise.allSettled(await openBatch(cursor, batch, tally));
  try {
    for (const outcome of opening) {
      if (outcome.status === 'rejected') throw outcome.reason;
      if (outcome.value === null) continue;
      const { entry, content } = outcome.value;
      yield tarHeader(entry);
      if (Buffer.isBuffer(content)) yield content;
      else if (content !== null) yield* readLarge(content, entry, tally);
      yield tarPadding(entry.size);
      if (entry.kind !== 'directory') tally.files += 1;
      tally.bytes += entry.size;
    }
  } finally {
    for (const outcome of opening) {
      if (outcome.status === 'fulfilled') await closeContent(outcome.value);
    }
  }
}

async function openBatch(
  cursor: DirectoryCursor,
  batch: readonly SelectedEntry[],
  tally: Tally,
): Promise<readonly Promise<Opened | null>[]> {
  const path = batch[0]?.directory ?? '';
  try {
    const directory = await cursor.moveTo(path);
    return batch.map((entry) => openEntry(directory, entry, tally));
  } catch (error) {
    if (!isGone(error)) throw error;
    tally.warnings.push(`${path}: no longer there, or no longer a directory; skipped`);
    return [];
  }
}

async function openEntry(
  directory: OpenDirectory,
  selected: SelectedEntry,
  tally: Tally,
): Promise<Opened | null> {
  const name = selected.directory === '' ? selected.name : `${selected.directory}/${selected.name}`;
  try {
    const opened = await openAs(selected.kind, directory, selected.name, name);
    if (opened === null) tally.warnings.push(`${name}: no longer a ${selected.kind}; skipped`);
    return opened;
  } catch (error) {
    if (!isGone(error)) throw error;
    tally.warnings.push(
      `${name}: ${error.code === 'EACCES' ? 'may not be read' : 'no longer there'}; skipped`,
    );
    return null;
  }
}

async function openAs(
  kind: SelectedEntry['kind'],
  directory: OpenDirectory,
  fileName: string,
  name: string,
): Promise<Opened | null> {
  if (kind === 'file') return openFile(directory, fileName, name);
  const stat = await lstat(directory.at(fileName));
  if (kind === 'directory' ? !stat.isDirectory() : !stat.isSymbolicLink()) return null;
  const target = kind === 'symlink' ? await readlink(directory.at(fileName)) : '';
  const modified = stat.mtimeMs / 1000;
  return { entry: { name, kind, mode: stat.mode & 0o777, size: 0, modified, target }, content: null };
}

async function openFile(directory: OpenDirectory, fileName: string, name: string): Promise<Opened | null> {
  const handle = await openRegularFile(directory, fileName);
  if (handle === null) return null;
  let isKept = false;
  try {
    const stat = await handle.stat();
    const content = stat.size > SMALL_FILE ? handle : await readFully(handle, stat.size);
    isKept = content === handle;
    // A small file that shrank while it was read is as long as what was read.
    const size = Buffer.isBuffer(content) ? content.length : stat.size;
    const modified = stat.mtimeMs / 1000;
    return { entry: { name, kind: 'file', mode: stat.mode & 0o777, size, modified, target: '' }, content };
  } finally {
    if (!isKept) await handle.close();
  }
}

async function* readLarge(handle: FileHandle, entry: TarEntry, tally: Tally): AsyncGenerator<Buffer> {
  let at = 0;
  while (at < entry.size) {
    const block = Buffer.allocUnsafeSlow(Math.min(LARGE_READ, entry.size - at));
    const { bytesRead } = await handle.read(block, 0, block.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
  if (at === entry.size) return;
  tally.warnings.push(`${entry.name}: shrank while it was read; filled up with zeros`);
  const zeros = Buffer.alloc(LARGE_READ);
  for (; at < entry.size; at += zeros.length)
    yield zeros.subarray(0, Math.min(zeros.length, entry.size - at));
}

async function closeContent(opened: Opened | null): Promise<void> {
  if (opened === null || opened.content === null || Buffer.isBuffer(opened.content)) return;
  await opened.content.close();
}

function isGone(error: unknown): error is NodeJS.ErrnoException {
  return isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EINVAL');
}

/** Headers and small files are joined: whoever compresses or writes them pays by the piece. */
async function* joinSmallBlocks(blocks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const block of blocks) {
    if (block.length === 0) continue;
    waiting.push(block);
    waitingBytes += block.length;
    if (waitingBytes < SMALL_FILE) continue;
    yield waiting.length === 1 ? block : Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting, waitingBytes);
}
