import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Cleared {
  /** Below the repository's folder. */
  readonly removed: readonly string[];
  /** Whether there is more that is still too young. */
  readonly isMoreLeft: boolean;
}

export interface LeftoverAges {
  /** A lock is held for a moment, and then renamed or removed. */
  readonly lockMs: number;
  /** Whoever makes a pack writes to it now and then. */
  readonly objectsMs: number;
}

/**
 * Removes what git leaves behind when it is killed: lock files, which would keep others from a ref for ever, objects of a
 * push that was never finished, and packs that were half written; only when nobody has touched them for a while.
 */
export async function clearLeftovers(folder: string, ages: LeftoverAges, now: number): Promise<Cleared> {
  const removed: string[] = [];
  let isMoreLeft = false;
  for (const { path, name } of await findLeftovers(folder)) {
    const changed = await lastChange(join(folder, path));
    if (changed === null) continue;
    const isOld = now - changed >= (isLock(name) ? ages.lockMs : ages.objectsMs);
    if (isOld) {
      await rm(join(folder, path), { recursive: true, force: true });
      removed.push(path);
    } else isMoreLeft = true;
  }
  return { removed, isMoreLeft };
}

async function findLeftovers(folder: string): Promise<readonly Entry[]> {
  return [
    ...(await entriesOf(folder, '.')).filter(({ name }) => isLock(name) || name === 'packed-refs.new'),
    ...(await locksBelow(folder, 'refs')),
    ...(await entriesOf(folder, 'objects')).filter(({ name }) => /^(?:tmp_objdir-)?incoming-/.test(name)),
    ...(await entriesOf(folder, 'objects/pack')).filter(({ name }) => isUnfinished(name)),
    ...(await entriesOf(folder, 'objects/info')).filter(({ name }) => isUnfinished(name)),
    ...(await entriesOf(folder, 'objects/info/commit-graphs')).filter(({ name }) => isUnfinished(name)),
  ];
}

interface Entry {
  readonly name: string;
  /** Below the repository's folder. */
  readonly path: string;
  readonly isFolder: boolean;
}

function isLock(name: string): boolean {
  return name.endsWith('.lock');
}

function isUnfinished(name: string): boolean {
  return isLock(name) || name.startsWith('tmp_') || name.startsWith('.tmp-');
}

/** No branch can have a name that ends so. */
async function locksBelow(folder: string, below: string): Promise<readonly Entry[]> {
  const locks: Entry[] = [];
  const folders = [below];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await entriesOf(folder, next)) {
      if (entry.isFolder) folders.push(entry.path);
      else if (isLock(entry.name)) locks.push(entry);
    }
  }
  return locks;
}

/** Nothing for a folder that is not there: most are made when they are needed. */
async function entriesOf(folder: string, below: string): Promise<readonly Entry[]> {
  try {
    const entries = await readdir(join(folder, below), { withFileTypes: true });
    return entries.map((entry) => ({
      name: entry.name,
      path: join(below, entry.name),
      isFolder: entry.isDirectory(),
    }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Of a folder: that of the newest thing in it, since a pack grows without changing its folder. null: it is gone. */
async function lastChange(path: string): Promise<number | null> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  let newest = found.mtimeMs;
  if (found.isDirectory()) {
    for (const { path: inner } of await entriesOf(path, '.')) {
      newest = Math.max(newest, (await lastChange(join(path, inner))) ?? 0);
    }
  }
  return newest;
}
