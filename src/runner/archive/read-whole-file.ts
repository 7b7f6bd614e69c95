import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { OpenDirectory } from './open-directory.ts';

/** Follows no link and does not wait for the other end of a pipe. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a regular file for reading; null when it is anything else.
 *
 * @throws the system's error: ENOENT, ELOOP (a link), EACCES.
 */
export async function openRegularFile(directory: OpenDirectory, name: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(directory.at(name), READ);
  } catch (error) {
    // A socket, or a device without a driver.
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return null;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}

/** A regular file's content; null when it is not a regular file or has more than `maxBytes`. */
export async function readWholeFile(
  directory: OpenDirectory,
  name: string,
  maxBytes: number,
): Promise<Buffer | null> {
  const handle = await openRegularFile(directory, name);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    return size > maxBytes ? null : await readFully(handle, size);
  } finally {
    await handle.close();
  }
}

/** The first `size` bytes of a file, fewer if it has shrunk. */
export async function readFully(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
