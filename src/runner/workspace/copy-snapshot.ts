import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../base/app-error.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Copies a snapshot into an existing folder, git's objects too: the copy shares nothing with what it was made from.
 * @throws AppError `workspace-not-copied`
 */
export async function copySnapshot(snapshot: Snapshot, path: string): Promise<void> {
  await copyTree(snapshot.folder, path);
  const { repository } = snapshot;
  if (repository === null) return;
  const objects = join(path, '.git', 'objects');
  await rm(join(objects, 'info', 'alternates'));
  for (const folder of repository.objectFolders) await copyTree(folder, objects);
  await rm(join(objects, 'info', 'alternates'), { force: true });
}

/** Copies what is in a folder into another, sharing blocks where the file system can. */
async function copyTree(from: string, to: string): Promise<void> {
  const share =
    process.platform === 'darwin' ? ['-c'] : process.platform === 'linux' ? ['--reflink=auto'] : [];
  try {
    await promisify(execFile)('cp', ['-a', '-f', ...share, '--', `${from}/.`, to]);
  } catch (cause) {
    throw notCopied(from, cause);
  }
}

export function notCopied(folder: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message.trim() : String(cause);
  return new AppError('workspace-not-copied', `A working copy of ${folder} could not be made: ${reason}`, {
    cause,
  });
}
