import { addAbortSignal, type Readable } from 'node:stream';
import { AppError } from '../../base/app-error.ts';
import { toArchiveError } from './archive-error.ts';
import { parseEntryPath, unsafeEntry } from './entry-path.ts';
import { type ReadTarEntry, readTar } from './read-tar.ts';
import { createTreeWriter, type TreeWriter } from './tree-writer.ts';

export interface UnpackLimits {
  readonly maxEntries: number;
  /** Content of all files together. */
  readonly maxBytes: number;
}

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  maxEntries: 1_000_000,
  maxBytes: 64 * 1024 ** 3,
};

/**
 * Unpacks a tar stream into an existing folder. What is in the archive replaces what is there, also a file a directory
 * and the other way round; modes (but set-user-id, set-group-id and sticky) and modification times are kept, owners are
 * not. Nothing is ever written outside the folder, whatever the archive says and whoever changes the folder meanwhile.
 * Stops at the first fault; what was written by then stays.
 *
 * @throws AppError archive-unsafe-entry, archive-too-large, archive-damaged, disk-full; the signal's reason.
 */
export async function unpackFiles(request: {
  readonly archive: Readable;
  readonly folder: string;
  readonly limits?: UnpackLimits;
  /** Let it write git's own folder: for a copy of a working copy, in which nobody but its job will run git. */
  readonly withGit?: boolean;
  readonly signal: AbortSignal;
}): Promise<{ readonly files: number; readonly bytes: number }> {
  const { archive, folder, signal } = request;
  addAbortSignal(signal, archive);
  const tally: Tally = { entries: 0, files: 0, bytes: 0 };
  try {
    const writer = await createTreeWriter(folder);
    try {
      for await (const entry of readTar(archive)) {
        count(entry, tally, request.limits ?? DEFAULT_UNPACK_LIMITS);
        await unpackEntry(entry, writer, request.withGit ?? false);
      }
      await writer.finish();
    } finally {
      await writer[Symbol.asyncDispose]();
    }
    return tally;
  } catch (error) {
    archive.destroy();
    signal.throwIfAborted();
    throw toArchiveError(error, folder);
  }
}

interface Tally {
  entries: number;
  files: number;
  bytes: number;
}

function count(entry: ReadTarEntry, tally: Tally, limits: UnpackLimits): void {
  tally.entries += 1;
  if (entry.type !== 'directory') tally.files += 1;
  tally.bytes += entry.size;
  if (tally.entries > limits.maxEntries) throw tooLarge(`more than ${limits.maxEntries} entries`);
  if (tally.bytes > limits.maxBytes) throw tooLarge(`more than ${limits.maxBytes} bytes of files`);
}

function tooLarge(what: string): AppError {
  return new AppError('archive-too-large', `The archive has ${what}; it was not unpacked any further.`, {
    hint: 'Keep less in it: narrow its paths, or exclude what can be made again.',
  });
}

async function unpackEntry(entry: ReadTarEntry, writer: TreeWriter, withGit: boolean): Promise<void> {
  const path = parseEntryPath(entry.name, withGit);
  const attributes = { mode: entry.mode & 0o777, modified: withinReason(entry.modified) };
  if (entry.type === 'directory') {
    if (path.length > 0) await writer.makeDirectory(path, attributes);
    return;
  }
  if (path.length === 0) throw unsafeEntry(entry.name, `it is a ${entry.type} without a name`);
  if (entry.type === 'file') {
    await writer.writeFile(path, attributes, entry.size, entry.content());
  } else if (entry.type === 'symlink') {
    if (entry.target === '' || entry.target.includes('\0')) {
      throw unsafeEntry(entry.name, 'it is a symbolic link without a proper target');
    }
    await writer.makeSymlink(path, attributes, entry.target);
  } else {
    throw unsafeEntry(entry.name, `it is a ${entry.type}`);
  }
}

/** The time a file system can be given; the rest of the range is nobody's honest time. */
function withinReason(seconds: number): number {
  return Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS);
}

const MAX_SECONDS = 8.64e12;
