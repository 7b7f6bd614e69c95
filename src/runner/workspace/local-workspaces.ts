import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { removeTree } from '../folder/remove-tree.ts';
import type { WorkspaceSource } from '../ports.ts';
import { copySnapshot, notCopied } from './copy-snapshot.ts';
import { showObjectsAside } from './git-skeleton.ts';
import { takeSnapshot } from './snapshot.ts';

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
