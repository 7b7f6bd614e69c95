import { constants, type Stats } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, symlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Copies the named files and symbolic links of one folder to another, with their modes and times; where the file
 * system can share blocks it does. What is not there (a deleted file that is still in the index) and what is neither
 * file nor link (a submodule's folder is made, empty) is left out, and so is what lies behind a link.
 *
 * A name is any bytes but `/` and NUL, not necessarily UTF-8: `names` have one character for each of their bytes.
 * @returns the names of what this process may not read, which is left out too.
 */
export async function copyFiles(
  from: string,
  to: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const folders = await lookAtFolders(from, names);
  for (const [folder, kind] of folders) {
    if (kind === 'real') await mkdir(inFolder(to, folder), { recursive: true });
  }
  const unreadable: string[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      const kind = folders.get(dirname(name));
      if (kind === 'closed' || (kind === 'real' && !(await copyReadable(from, to, name))))
        unreadable.push(name);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_COPIES }, work));
  return unreadable;
}

/** Twice the threads that Node has for files by default: while some copy, others ask. */
const PARALLEL_COPIES = 8;

/** False when this process may not read it. */
async function copyReadable(from: string, to: string, name: string): Promise<boolean> {
  try {
    await copyOne(from, to, name);
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

async function copyOne(from: string, to: string, name: string): Promise<void> {
  const source = inFolder(from, name);
  const target = inFolder(to, name);
  const stats = await statsOf(source);
  if (stats === null) return;
  if (stats.isSymbolicLink()) await symlink(await readlink(source, 'buffer'), target);
  else if (stats.isDirectory()) await mkdir(target, { recursive: true });
  else if (stats.isFile()) {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    await utimes(target, stats.atime, stats.mtime);
  }
}

/** The path of a name as `copyFiles` takes them, below a folder. */
export function inFolder(folder: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

/** Whether somebody's rights, and nothing else, are why a file or folder could not be looked at. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

/** null when there is nothing. @throws when this process may not look. */
async function statsOf(path: Buffer): Promise<Stats | null> {
  return await lstat(path).catch((error: unknown) => {
    if (isForbidden(error)) throw error;
    return null;
  });
}

/** `elsewhere`: a link leads to it, and what lies behind a link belongs to somebody else; or it is not there at all. */
type FolderKind = 'real' | 'elsewhere' | 'closed';

/** What the folders of the names are. */
async function lookAtFolders(
  from: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, FolderKind>> {
  const known = new Map<string, FolderKind>([['.', 'real']]);
  async function kindOf(folder: string): Promise<FolderKind> {
    const answer = known.get(folder);
    if (answer !== undefined) return answer;
    const parent = await kindOf(dirname(folder));
    const kind = parent === 'real' ? await lookAt(inFolder(from, folder)) : parent;
    known.set(folder, kind);
    return kind;
  }
  for (const name of names) await kindOf(dirname(name));
  return known;
}

async function lookAt(folder: Buffer): Promise<FolderKind> {
  try {
    return (await statsOf(folder))?.isDirectory() === true ? 'real' : 'elsewhere';
  } catch (error) {
    if (isForbidden(error)) return 'closed';
    throw error;
  }
}
