import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../base/app-error.ts';
import { removeTree } from '../folder/remove-tree.ts';
import type { WorkspaceSource } from '../ports.ts';
import { showObjectsAside } from './git-skeleton.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

export interface LocalWorkspacesOptions {
  /** The top folder of the repository, or any folder. */
  readonly repository: string;
  /** The commit the jobs run for; null when the folder is no git repository. */
  readonly commit: string | null;
  /** Take the files as they lie there, with changes and new files that are not ignored; else as the commit has them. */
  readonly includeUncommitted: boolean;
  /** The run's own folder: the snapshot and the jobs' copies are made in it. */
  readonly runFolder: string;
  /** Told of files that are not in the working copies because this process may not read them. */
  readonly warn?: (message: string) => void | Promise<void>;
}

/**
 * Working copies of a repository of this machine. One snapshot is taken now; each job then sees it through a layer of
 * its own, which takes no time, or gets a copy. A copy shares nothing with the repository, not even by hard links to
 * git's objects: a container's root could write through those.
 * @throws AppError `git-failed`, `workspace-not-copied`
 */
export async function createLocalWorkspaces(options: LocalWorkspacesOptions): Promise<WorkspaceSource> {
  const { repository, commit, includeUncommitted, runFolder } = options;
  const snapshot = await takeSnapshot({
    source: repository,
    target: join(runFolder, 'snapshot'),
    commit,
    includeUncommitted,
    leaveOut: [runFolder],
  }).catch((error: unknown) => {
    throw error instanceof AppError ? error : notCopied(repository, error);
  });
  if (snapshot.unreadable.length > 0) await options.warn?.(missingFiles(snapshot.unreadable));
  const empty = join(runFolder, 'no-sources');
  await mkdir(empty, { recursive: true });
  const references =
    snapshot.repository === null ? [] : await showObjectsAside(snapshot.folder, snapshot.repository);
  let copies = 0;

  return {
    async create(request) {
      copies += 1;
      const path = join(runFolder, `workspace-${request.jobId}-${copies}`);
      if (request.layered) {
        const layer = request.sources
          ? { lower: snapshot.folder, references }
          : { lower: empty, references: [] };
        return { path, layer, [Symbol.asyncDispose]: () => Promise.resolve() };
      }
      await mkdir(path);
      if (request.sources) await copySnapshot(snapshot, path);
      return { path, layer: null, [Symbol.asyncDispose]: () => removeTree(path) };
    },
  };
}

function missingFiles(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `No job sees these, because you may not read them: ${shown}${more}.`;
}

const MOST_NAMED = 10;

async function copySnapshot(snapshot: Snapshot, path: string): Promise<void> {
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

function notCopied(folder: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message.trim() : String(cause);
  return new AppError('workspace-not-copied', `A working copy of ${folder} could not be made: ${reason}`, {
    cause,
  });
}
