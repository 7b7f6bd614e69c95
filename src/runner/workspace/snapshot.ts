import { mkdir, readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { runGit } from '../../base/git.ts';
import { copyFiles, inFolder, isForbidden } from './copy-files.ts';
import { type GitRepository, readGitRepository } from './git-objects.ts';
import { createGitFolder, fillIndex } from './git-skeleton.ts';

/** The state of a repository at one moment, as a folder that nobody writes to. */
export interface Snapshot {
  readonly folder: string;
  /** null when the folder is no git repository, or one without a commit. */
  readonly repository: GitRepository | null;
  /** What is missing because this process may not read it, tracked or not: paths in the source. */
  readonly unreadable: readonly string[];
}

export interface SnapshotRequest {
  /** The folder whose files are taken: the top of a working tree, or a folder that knows nothing of git. */
  readonly source: string;
  /** A folder to be made. */
  readonly target: string;
  /** The commit; null for a folder without git. */
  readonly commit: string | null;
  /** Take the files as they lie there, with changes and new files that are not ignored; else as the commit has them. */
  readonly includeUncommitted: boolean;
  /** Folders below `source` that are not part of it, such as where runs keep their files. */
  readonly leaveOut: readonly string[];
}

/**
 * Takes a snapshot. Submodules are empty folders, as with GIT_SUBMODULE_STRATEGY `none`.
 * @throws AppError `git-failed`
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const { source, target, commit } = request;
  await mkdir(target, { recursive: true });
  const repository = commit === null ? null : await readGitRepository(source);
  if (repository === null || commit === null) {
    const files = await listAllFiles(source, await leftOut(source, request.leaveOut));
    return { folder: target, repository: null, unreadable: await copyListed(source, target, files) };
  }
  if (request.includeUncommitted) {
    await createGitFolder(target, repository, commit);
    const unreadable = await copyListed(source, target, await listWorkingFiles(source));
    await fillIndex(target, commit);
    return { folder: target, repository, unreadable };
  }
  return await checkOutCommit(target, repository, commit);
}

/**
 * A snapshot of one commit, in an existing folder.
 *
 * @param options for git itself, while it writes the files
 * @throws AppError `git-failed`
 */
export async function checkOutCommit(
  target: string,
  repository: GitRepository,
  commit: string,
  options: readonly string[] = [],
): Promise<Snapshot> {
  await createGitFolder(target, repository, commit);
  await fillIndex(target, commit);
  await checkOut(target, options);
  return { folder: target, repository, unreadable: [] };
}

/** Names as `copyFiles` wants them, a character a byte; `closed` are folders that could not be listed. */
interface Listing {
  readonly names: readonly string[];
  readonly closed: readonly string[];
}

async function copyListed(source: string, target: string, listing: Listing): Promise<readonly string[]> {
  const unreadable = await copyFiles(source, target, listing.names);
  return [...listing.closed, ...unreadable].map((name) => Buffer.from(name, 'latin1').toString()).sort();
}

async function listWorkingFiles(source: string): Promise<Listing> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = await runGit(source, args, 'latin1');
  if (!listed.ok)
    throw new AppError('git-failed', `The files of ${source} cannot be listed: ${listed.stderr.trim()}`);
  const closed = [...listed.stderr.matchAll(/could not open directory '(.*?)\/?': /g)];
  return {
    names: listed.stdout.split('\0').filter((name) => name !== ''),
    closed: closed.map(([, name = '']) => name),
  };
}

async function checkOut(target: string, options: readonly string[]): Promise<void> {
  const done = await runGit(target, [...options, 'checkout-index', '--all', '--force', '--quiet', '--index']);
  if (!done.ok)
    throw new AppError('git-failed', `The commit's files cannot be written: ${done.stderr.trim()}`);
}

/** Names from the source, a character a byte. */
async function leftOut(source: string, leaveOut: readonly string[]): Promise<ReadonlySet<string>> {
  const given = leaveOut.map((path) => Buffer.from(relative(source, path)).toString('latin1'));
  return new Set([...given, ...(await ignoredIn(source))]);
}

/** What a repository without a commit ignores, and its own folder; nothing in a folder that is no repository. */
async function ignoredIn(source: string): Promise<readonly string[]> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const listed = await runGit(source, args, 'latin1');
  if (!listed.ok) return [];
  const names = listed.stdout.split('\0').filter((name) => name !== '');
  return ['.git', ...names].map((name) => name.replace(/\/$/, ''));
}

async function listAllFiles(folder: string, skipped: ReadonlySet<string>): Promise<Listing> {
  const names: string[] = [];
  const closed: string[] = [];
  async function visit(name: string): Promise<void> {
    const entries = await readdir(inFolder(folder, name), { withFileTypes: true, encoding: 'latin1' }).catch(
      (error: unknown) => {
        if (name === '' || !isForbidden(error)) throw error;
        closed.push(name);
        return null;
      },
    );
    if (entries === null) return;
    if (entries.length === 0 && name !== '') names.push(name);
    for (const entry of entries) {
      const child = name === '' ? entry.name : `${name}/${entry.name}`;
      if (skipped.has(child)) continue;
      if (entry.isDirectory()) await visit(child);
      else names.push(child);
    }
  }
  await visit('');
  return { names, closed };
}
