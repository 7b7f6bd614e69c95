import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { ARCHIVE_SUFFIX, PART_PREFIX, readArchiveFile, writeArchiveFile } from '../archive/archive-file.ts';
import { isSystemError } from '../archive/system-error.ts';
import type { CacheStore } from '../ports.ts';

const DEFAULT_MAX_BYTES = 20 * 1024 ** 3;

/**
 * Keeps caches in a folder, one file a key, at most `maxBytes` together: what was used longest ago goes first. Any
 * number of processes may use the folder at once: files appear whole by renaming, a file that is removed while it is
 * read stays readable, and two that tidy up at the same time at worst remove a little more than they had to.
 */
export function createFolderCacheStore(
  folder: string,
  options: { readonly maxBytes?: number; readonly clock?: Clock } = {},
): CacheStore {
  const { maxBytes = DEFAULT_MAX_BYTES, clock = systemClock } = options;
  return {
    get: (key) => readArchiveFile(join(folder, fileName(key)), clock.now()),
    async put(key, archive) {
      const path = join(folder, fileName(key));
      const kept = await writeArchiveFile({ path, archive, durable: false, modified: clock.now() });
      if (kept.bytes > maxBytes) {
        await rm(path, { force: true });
        throw new AppError(
          'cache-too-large',
          `The cache takes ${kept.bytes} bytes, and ${maxBytes} is all there is.`,
          {
            hint: 'Cache less, or allow more.',
          },
        );
      }
      await removeUnfinished(folder, clock.now());
      await evict(folder, maxBytes, path);
      return kept;
    },
  };
}

/** A hash, because a key may hold any character and any length; some of the key, so that a person finds it. */
function fileName(key: string): string {
  const readable = key
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 40);
  return `${readable}-${createHash('sha256').update(key).digest('hex').slice(0, 40)}${ARCHIVE_SUFFIX}`;
}

/** The modification time is the time of the last use: access times are switched off on many machines. */
async function evict(folder: string, maxBytes: number, kept: string): Promise<void> {
  const files: { readonly path: string; readonly size: number; readonly used: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(ARCHIVE_SUFFIX)) continue;
    const path = join(folder, name);
    const used = await statIfThere(path);
    if (used !== null) files.push({ path, size: used.size, used: used.mtimeMs });
  }
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const file of files.sort((left, right) => left.used - right.used)) {
    if (total <= maxBytes) return;
    if (file.path === kept) continue;
    await rm(file.path, { force: true });
    total -= file.size;
  }
}

const DAY = 24 * 60 * 60 * 1000;

/** What a killed process left half written; a day is longer than any archive takes. */
async function removeUnfinished(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PART_PREFIX)) continue;
    const path = join(folder, name);
    const found = await statIfThere(path);
    if (found !== null && now - found.mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}

async function statIfThere(
  path: string,
): Promise<{ readonly size: number; readonly mtimeMs: number } | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}
