import { readFileSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { runGit, runGitOnWorkTree } from '../base/git.ts';
import { remembered } from '../base/remembered.ts';
import {
  decodeSource,
  type Elsewhere,
  MAX_SOURCE_BYTES,
  type SourceFile,
  type Sources,
} from '../config/index.ts';
import { NOTHING_ELSEWHERE } from '../includes/index.ts';

/**
 * The files of a project as they lie in its folder: what a person sees is what runs. Files that git ignores are not
 * listed, as they will not be pushed; reading one by its name works, because it is there.
 */
export function projectSources(root: string, elsewhere: Elsewhere = NOTHING_ELSEWHERE): Sources {
  let files: Promise<readonly string[]> | null = null;
  let top: string | null = null;
  const read = new Map<string, Promise<SourceFile>>();
  const changed = new Map<string, Promise<readonly string[] | null>>();
  return {
    readFile: (path) =>
      remembered(read, path, async () => {
        top ??= realpathSync.native(root);
        return readProjectFile(root, path, top);
      }),
    listFiles() {
      files ??= listProjectFiles(root);
      return files;
    },
    changedSince: (ref) => remembered(changed, ref, () => changedSince(root, ref)),
    elsewhere,
  };
}

/**
 * Synchronous: a pipeline file is small, and the way through Node's threads and back takes ten times as long as reading
 * it. `top`: the root with no links on the way.
 */
function readProjectFile(root: string, path: string, top: string): SourceFile {
  const inside = pathInside(root, path, top);
  if (inside === null) return { kind: 'absent' };
  try {
    // Asked before opening: opening a named pipe would wait for its writer.
    const stats = statSync(inside);
    if (!stats.isFile()) return { kind: 'absent' };
    if (stats.size > MAX_SOURCE_BYTES)
      return { kind: 'too-large', bytes: stats.size, limit: MAX_SOURCE_BYTES };
    return decodeSource(readFileSync(inside));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('project-file-unreadable', `${path} cannot be read: ${reason}.`, { cause });
  }
}

/** The file behind the path and all links on the way; null when there is none, or it is outside of the project. */
function pathInside(root: string, path: string, top: string): string | null {
  const real = realPathOf(join(root, path));
  const prefix = top.endsWith(sep) ? top : `${top}${sep}`;
  return real?.startsWith(prefix) === true ? real : null;
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null; // Not there, or behind a circle of links.
  }
}

async function listProjectFiles(root: string): Promise<readonly string[]> {
  const [listed, deleted] = await Promise.all([
    runGit(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']),
    runGit(root, ['ls-files', '-z', '--deleted']),
  ]);
  if (!listed.ok || !deleted.ok) return filesBelow(root);
  const gone = new Set(deleted.stdout.split('\0'));
  const paths = listed.stdout.split('\0').filter((path) => path !== '' && !gone.has(path));
  return [...new Set(paths)].sort();
}

/** For a folder that is no git repository. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Since the merge base, as a pushed commit of this work tree would show it. */
async function changedSince(root: string, ref: string): Promise<readonly string[] | null> {
  const base = await runGit(root, ['merge-base', '--end-of-options', ref, 'HEAD']);
  if (!base.ok) return null;
  const [tracked, untracked] = await Promise.all([
    runGitOnWorkTree(root, [
      ...['diff', '--name-only', '--no-renames', '--relative', '-z'],
      ...[base.stdout.trim(), '--'],
    ]),
    runGit(root, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  if (!tracked.ok || !untracked.ok) return null;
  const paths = `${tracked.stdout}\0${untracked.stdout}`.split('\0').filter((path) => path !== '');
  return [...new Set(paths)].sort();
}
