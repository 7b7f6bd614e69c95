import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lets every user write to the folders: an image's user other than root has no other right to the working copy of the
 * job. GitLab has the same effect by checking out with umask 0. Symbolic links are not followed, and a file that also
 * has another name (git links the objects of a local clone) keeps its mode, because that name may be the person's.
 */
export async function openWorkspace(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await openFolder(folder);
}

async function openFolder(folder: string): Promise<void> {
  await chmod(folder, 0o777);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openFolder(path);
    else if (entry.isFile()) await openFile(path);
  }
}

async function openFile(path: string): Promise<void> {
  const { mode, nlink } = await lstat(path);
  if (nlink > 1) return;
  const executable = (mode & 0o111) === 0 ? 0 : 0o111;
  await chmod(path, (mode & 0o777) | 0o666 | executable);
}
