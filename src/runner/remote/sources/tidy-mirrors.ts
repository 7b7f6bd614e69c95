import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../../../base/git.ts';
import { isSystemError } from '../../archive/system-error.ts';
import { removeTree } from '../../folder/remove-tree.ts';

/**
 * Removes the mirrors that were used longest ago until the others take at most `maxBytes`. Only before the first job:
 * what jobs see of a repository is its mirror.
 */
export async function tidyMirrors(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder);
  const mirrors = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const [{ mtimeMs }, bytes] = await Promise.all([lstat(path), bytesBelow(path)]);
      return { path, bytes, used: mtimeMs };
    }),
  );
  let total = mirrors.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of mirrors.sort((one, other) => one.used - other.used)) {
    if (total <= maxBytes) return;
    await removeTree(path);
    total -= bytes;
  }
}

/**
 * Puts what many fetches have left in many small packs together, a part each time. Jobs may read meanwhile: what goes
 * has been somewhere else since the last time (git-maintenance(1), "incremental-repack").
 */
export async function repackMirror(folder: string): Promise<void> {
  const tasks = ['--task=loose-objects', '--task=incremental-repack'];
  // One that fails has changed nothing, and the mirror is as good as it was.
  await runGit(folder, ['maintenance', 'run', '--quiet', ...tasks]);
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(path);
    else bytes += await sizeOf(path);
  }
  return bytes;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}
