import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { currentOwner, isDead, type ProcessOwner } from '../owner/process-owner.ts';
import { removeTree } from './remove-tree.ts';

/** A run's private folder: snapshot, working copies, scratch of its jobs. Disposing removes it. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a folder for this process below `root`. Its name says whose it is, so the folder and its owner come into being
 * in one step: `run-PID-START-BOOT-NAMESPACE-RANDOM`.
 * @throws AppError `run-folder-not-made`
 */
export async function createRunFolder(root: string): Promise<RunFolder> {
  const { pid, start, boot, namespace } = currentOwner();
  const prefix = ['run', pid, start, boot, namespace, ''].join('-');
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const path = await mkdtemp(join(root, prefix));
    return { path, [Symbol.asyncDispose]: () => removeTree(path) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('run-folder-not-made', `No folder for this run could be made in ${root}: ${reason}`, {
      cause,
    });
  }
}

/**
 * Removes the folders of runs whose process is gone: killed, or lost in a crash of the machine. Folders of other
 * process namespaces are left alone, because whether their owner lives cannot be seen from here. Safe to call from
 * several processes at once. Answers with the paths removed.
 */
export async function removeAbandonedRuns(root: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { path, abandoned } of await listRunFolders(root)) {
    if (!abandoned) continue;
    await removeTree(path);
    removed.push(path);
  }
  return removed;
}

/** The folders of all runs below `root`, and whether the process of each is gone. */
export async function listRunFolders(
  root: string,
): Promise<readonly { readonly path: string; readonly abandoned: boolean }[]> {
  const names = await readdir(root).catch(() => []);
  return names.flatMap((name) => {
    const owner = parseFolderName(name);
    return owner === null ? [] : [{ path: join(root, name), abandoned: isDead(owner) }];
  });
}

function parseFolderName(name: string): ProcessOwner | null {
  const match = /^run-(\d+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-/.exec(name);
  const [, pid, start, boot, namespace] = match ?? [];
  if (pid === undefined || start === undefined || boot === undefined || namespace === undefined) return null;
  return { pid: Number(pid), start, boot, namespace };
}
