import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline as connect, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { AppError } from '../../base/app-error.ts';
import { diskFull } from './archive-error.ts';
import { isSystemError } from './system-error.ts';

/*
 * Archives are kept as tar streams in zstd at level 1. Measured on two busy cores (read the ratios), one file of 500 MB
 * of which half can be compressed, from disk to disk; in brackets 1,000 files of 4 KB, where unpacking is as fast as
 * the disk creates files:
 *
 *                   kept      packed            unpacked
 *   plain tar       524 MB    0.8 s (0.19 s)    0.4 to 1.9 s
 *   gzip level 1    264 MB    6.0 s (0.16 s)    0.9 s
 *   zstd level 1    262 MB    1.0 s (0.14 s)    0.8 s
 *
 * zstd halves what the disk has to hold and costs about nothing for it; its checksum finds an archive that a power
 * failure cut off before half of it is unpacked. Pieces of 64 KB keep it to 45 MB of memory over the bare process; with
 * 128 KB it is no faster and takes 70. Plain files, hard-linked or cloned, would be faster still; but a hard link hands
 * a later job's writes to the archive, and clones need a file system that most machines do not have.
 */
const PIECE = 64 * 1024;
export const ARCHIVE_SUFFIX = '.tar.zst';

/** Folders of archives still being written; a killed process leaves one behind. */
export const PART_PREFIX = '.part-';

/**
 * Writes a tar stream to a file, whole or not at all: a reader sees the old file or the new one.
 *
 * @param durable also wait until it is on the disk, so that it survives a power failure; a killed process never leaves
 *   half an archive either way.
 * @param modified the file's modification time, in milliseconds since 1970; the system's when left out.
 * @throws AppError disk-full, storage-failed; or the stream's own error.
 */
export async function writeArchiveFile(request: {
  readonly path: string;
  readonly archive: Readable;
  readonly durable: boolean;
  readonly modified?: number;
}): Promise<{ readonly bytes: number }> {
  const { path, archive, durable, modified } = request;
  const folder = dirname(path);
  let part: string | null = null;
  let streamFailure: { readonly error: unknown } | null = null;

  /** Tells the stream's failures from the file's: a pipeline destroys all its parts with the first error. */
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      yield* archive;
    } catch (error) {
      streamFailure = { error };
      throw error;
    }
  }

  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    part = await mkdtemp(join(folder, PART_PREFIX));
    const file = join(part, 'archive');
    await pipeline(pieces, compress(), createWriteStream(file, { flags: 'wx', flush: durable }));
    if (modified !== undefined) await utimes(file, modified / 1000, modified / 1000);
    const { size } = await stat(file);
    await rename(file, path);
    if (durable) await syncFolder(folder);
    return { bytes: size };
  } catch (error) {
    archive.destroy();
    throw streamFailure === null ? toStorageError(error, folder) : error;
  } finally {
    if (part !== null) await rm(part, { recursive: true, force: true });
  }
}

/**
 * Opens an archive file; null when there is none. The stream fails when the file is damaged. Replacing or removing the
 * file does not disturb a reader.
 *
 * @param touched set the file's modification time to this (milliseconds since 1970).
 * @throws AppError storage-failed when it cannot be opened.
 */
export async function readArchiveFile(path: string, touched?: number): Promise<Readable | null> {
  try {
    const handle = await open(path, 'r');
    if (touched !== undefined) await touch(handle, touched);
    const tar = createZstdDecompress({ chunkSize: PIECE });
    // Whatever fails on the way destroys `tar` with the error, and its reader sees it there.
    connect(handle.createReadStream({ highWaterMark: PIECE }), tar, () => undefined);
    return tar;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw toStorageError(error, path);
  }
}

async function touch(handle: FileHandle, milliseconds: number): Promise<void> {
  try {
    await handle.utimes(milliseconds / 1000, milliseconds / 1000);
  } catch (error) {
    // Somebody else's file, or a disk that is read-only: it can be read all the same.
    if (!isSystemError(error)) throw error;
  }
}

function compress() {
  return createZstdCompress({
    chunkSize: PIECE,
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function toStorageError(error: unknown, path: string): unknown {
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) return diskFull(path, error);
  if (!isSystemError(error) || error.syscall === undefined) return error;
  return new AppError('storage-failed', `Archives cannot be kept in ${path}: ${error.message}.`, {
    hint: 'Check that the folder exists and may be written to.',
    cause: error,
  });
}
