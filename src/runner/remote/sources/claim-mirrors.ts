import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../archive/system-error.ts';
import { createRunFolder, listRunFolders } from '../../folder/run-folder.ts';

/** A folder with the mirrors of repositories; disposing leaves it to the next. */
export interface Mirrors extends AsyncDisposable {
  readonly path: string;
}

/**
 * A folder for mirrors that its owner has for itself, because git waits for nobody: one that another has left behind, in
 * order or not, or a new one. It changes hands by a rename, which only one can do.
 *
 * @throws AppError `run-folder-not-made`
 */
export async function claimMirrors(root: string): Promise<Mirrors> {
  const folder = await createRunFolder(root);
  const path = join(folder.path, 'mirrors');
  const left = await leftBehind(root);
  let isFound = false;
  for (const candidate of left) isFound ||= await moved(candidate, path);
  if (!isFound) await mkdir(path, { mode: 0o700 });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rename(path, join(root, `${IDLE}${randomUUID()}`));
      await folder[Symbol.asyncDispose]();
    },
  };
}

const IDLE = 'idle-';

async function leftBehind(root: string): Promise<readonly string[]> {
  const idle = (await readdir(root)).filter((name) => name.startsWith(IDLE));
  const abandoned = (await listRunFolders(root)).filter((each) => each.abandoned);
  return [...idle.map((name) => join(root, name)), ...abandoned.map((each) => join(each.path, 'mirrors'))];
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
