import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyLock, type LockedIncludes, parseLock, printLock } from './lock-text.ts';

/** Where the lock file of a project is, from its top folder. */
export const LOCK_FILE = '.slipway/includes.lock';

export interface LockFile {
  readonly locked: LockedIncludes;
  /** Writes what is locked, whole or not at all. Calls may overlap; the last state is what stays. */
  write(): Promise<void>;
}

/**
 * Opens the lock file of a project. One that is damaged, too large or no ordinary file is said, and not trusted: it is
 * as if there were none, and a later write replaces a damaged one.
 */
export async function openLockFile(root: string, warn: (message: string) => void): Promise<LockFile> {
  const path = join(root, LOCK_FILE);
  const place = await placeOf(root);
  if (place === 'unsafe') {
    warn(`${LOCK_FILE} is not used: it, or its folder, is a link or no ordinary file.`);
  }
  const read = place === 'file' ? await readLock(path) : emptyLock();
  if (read === null) {
    warn(`${LOCK_FILE} is damaged and not trusted: what it held is fetched and written again.`);
  }
  const locked = read ?? emptyLock();
  let writing: Promise<void> = Promise.resolve();
  let told = place === 'unsafe';
  return {
    locked,
    write() {
      writing = writing.then(async () => {
        if (told) return;
        try {
          await writeLock(root, path, printLock(locked));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          warn(`${LOCK_FILE} cannot be written, so the next run may get other files: ${reason}.`);
          told = true;
        }
      });
      return writing;
    },
  };
}

const MAX_BYTES = 5_000_000;

/** A stranger's repository may hold a link there: what is behind it is not ours to read, and less to write. */
async function placeOf(root: string): Promise<'none' | 'file' | 'unsafe'> {
  const folder = await lstat(join(root, '.slipway')).catch(() => null);
  if (folder === null) return 'none';
  if (!folder.isDirectory()) return 'unsafe';
  const file = await lstat(join(root, LOCK_FILE)).catch(() => null);
  if (file === null) return 'none';
  return file.isFile() ? 'file' : 'unsafe';
}

async function readLock(path: string): Promise<LockedIncludes | null> {
  const { size } = await lstat(path);
  return size > MAX_BYTES ? null : parseLock(await readFile(path, 'utf8'));
}

async function writeLock(root: string, path: string, text: string): Promise<void> {
  await mkdir(join(root, '.slipway'), { recursive: true });
  const part = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(part, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
