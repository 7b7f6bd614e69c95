import { posix } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { runGit } from '../base/git.ts';
import { remembered } from '../base/remembered.ts';
import {
  decodeSource,
  type Elsewhere,
  MAX_SOURCE_BYTES,
  type SourceFile,
  type Sources,
} from '../config/index.ts';
import { NOTHING_ELSEWHERE } from '../includes/index.ts';
import { openGitObjects } from './git-objects.ts';
import { answer, commitOf } from './repository.ts';

/** Sources that keep a git process; `close` ends it. */
export interface CommitSources extends Sources {
  close(): void;
}

/**
 * The files of a project at a commit, as git has them: nothing is checked out. `root` is the top folder of the
 * repository or a folder in it, of which the project then is: without files where the commit does not have the folder.
 * Symbolic links are followed within the project.
 *
 * @throws AppError `git-failed` when the repository has no such commit.
 */
export async function commitSources(
  root: string,
  commit: string,
  elsewhere: Elsewhere = NOTHING_ELSEWHERE,
): Promise<CommitSources> {
  const tree = await treeOf(root, commit);
  const objects = openGitObjects(root);
  let files: Promise<readonly string[]> | null = null;
  const read = new Map<string, Promise<SourceFile>>();
  const changed = new Map<string, Promise<readonly string[] | null>>();

  async function readAt(path: string): Promise<SourceFile> {
    const inside = pathInside(path);
    // A line break would end the question to git; no file has such a name.
    if (inside === null || tree === null) return { kind: 'absent' };
    const found = await objects.read(`${tree}:${inside}`, MAX_SOURCE_BYTES);
    if (found.kind === 'none') return { kind: 'absent' };
    return found.kind === 'too-large'
      ? { kind: 'too-large', bytes: found.size, limit: MAX_SOURCE_BYTES }
      : decodeSource(found.bytes);
  }

  return {
    readFile: (path) => remembered(read, path, () => readAt(path)),
    listFiles() {
      files ??= tree === null ? Promise.resolve([]) : listFiles(root, tree);
      return files;
    },
    changedSince: (ref) => remembered(changed, ref, () => changedBetween(root, ref, commit)),
    elsewhere,
    close: () => objects.close(),
  };
}

/**
 * Paths below the folder, relative to it, that differ between the merge base of both and the later one; null when there
 * is no such commit.
 */
export async function changedBetween(
  root: string,
  earlier: string,
  later: string,
): Promise<readonly string[] | null> {
  const base = await runGit(root, ['merge-base', '--end-of-options', earlier, later]);
  if (!base.ok) return null;
  const listed = await runGit(root, [
    ...['diff', '--name-only', '--no-renames', '--relative', '-z', '--end-of-options'],
    ...[base.stdout.trim(), later, '--'],
  ]);
  return listed.ok ? pathsOf(listed.stdout) : null;
}

/** The tree of the project in the commit: what is beside it cannot be named by it. null: it was not there yet. */
async function treeOf(root: string, commit: string): Promise<string | null> {
  const found = await commitOf(root, commit);
  if (found === null) throw new AppError('git-failed', `There is no commit ${commit} in ${root}.`);
  const prefix = await runGit(root, ['rev-parse', '--show-prefix']);
  const below = prefix.ok ? prefix.stdout.replace(/\n$/, '').replace(/\/$/, '') : '';
  return answer(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${found}:${below}`]);
}

/** Normal, within the project, and on one line; null when it is not. */
function pathInside(path: string): string | null {
  if (/[\n\0]/.test(path)) return null;
  const normal = posix.normalize(path);
  return normal === '.' || normal === '..' || normal.startsWith('../') || normal.startsWith('/')
    ? null
    : normal;
}

async function listFiles(root: string, tree: string): Promise<readonly string[]> {
  const listed = await runGit(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', tree]);
  if (!listed.ok)
    throw new AppError('git-failed', `The files of ${tree} cannot be listed: ${listed.stderr}.`);
  return pathsOf(listed.stdout);
}

function pathsOf(listed: string): readonly string[] {
  return listed
    .split('\0')
    .filter((path) => path !== '')
    .sort();
}
