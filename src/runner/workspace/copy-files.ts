import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, symlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Copies the named files and symbolic links of one folder to another, with their modes and times; where the file
 * system can share blocks it does. What is not there (a deleted file that is still in the index) and what is neither
 * file nor link (a submodule's folder is made, empty) is left out, and so is what lies behind a link.
 *
 * A name is any bytes but `/` and NUL, not necessarily UTF-8: `names` have one character for each of their bytes.
 */
export async function copyFiles(from: string, to: string, names: readonly string[]): Promise<void> {
  const folders = await realFolders(from, names);
  for (const folder of folders) await mkdir(inFolder(to, folder), { recursive: true });
  let next = 0;
  async function work(): Promise<void> {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      if (folders.has(dirname(name))) await copyOne(from, to, name);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_COPIES }, work));
}

/** Twice the threads that Node has for files by default: while some copy, others ask. */
const PARALLEL_COPIES = 8;

async function copyOne(from: string, to: string, name: string): Promise<void> {
  const source = inFolder(from, name);
  const target = inFolder(to, name);
  const stats = await lstat(source).catch(() => null);
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

/** The folders of the names, without those that a link leads to: what lies behind a link belongs to somebody else. */
async function realFolders(from: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const known = new Map<string, boolean>([['.', true]]);
  async function isReal(folder: string): Promise<boolean> {
    const answer = known.get(folder);
    if (answer !== undefined) return answer;
    const stats = (await isReal(dirname(folder)))
      ? await lstat(inFolder(from, folder)).catch(() => null)
      : null;
    const real = stats?.isDirectory() ?? false;
    known.set(folder, real);
    return real;
  }
  for (const name of names) await isReal(dirname(name));
  return new Set([...known].filter(([, real]) => real).map(([folder]) => folder));
}
