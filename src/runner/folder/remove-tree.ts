import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';

/**
 * Removes a folder and everything in it, never following a link out of it. Jobs leave folders that their owner may
 * not even list (Go's module cache is read-only, overlay's work folder has no permissions at all): those are opened
 * up first. What is already gone is no error.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    if (!removeSmallTree(Buffer.from(path), { calls: MOST_SYNCHRONOUS_CALLS }))
      await rm(path, { recursive: true, force: true });
  } catch (error) {
    // Gone under our hands: another run cleans up too.
    if (hasCode(error, 'EACCES', 'EPERM')) await openUp(Buffer.from(path));
    else if (!hasCode(error, 'ENOENT')) throw error;
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** About a millisecond of file system calls: nothing else has to wait longer than that. */
const MOST_SYNCHRONOUS_CALLS = 100;

/**
 * What most jobs leave is a dozen folders, which are gone in a fifth of the time when nobody waits for Node's threads
 * between two calls. Answers false when there was more than that to do.
 */
function removeSmallTree(path: Buffer, budget: { calls: number }): boolean {
  budget.calls -= 2;
  if (budget.calls < 0) return false;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (!stats.isDirectory()) {
    unlinkSync(path);
    return true;
  }
  for (const name of readdirSync(path, 'buffer'))
    if (!removeSmallTree(inside(path, name), budget)) return false;
  rmdirSync(path);
  return true;
}

async function openUp(path: Buffer): Promise<void> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null || !stats.isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path, 'buffer')) await openUp(inside(path, name));
}

/** Names are bytes: a job may choose ones that are no UTF-8. */
function inside(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}

const SLASH = Buffer.from('/');

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
