import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { runGit, startGit } from '../../../base/git.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import type { JobLog } from '../../log/job-log.ts';
import { type GitRef, type GitRepository, readGitRepository } from '../../workspace/git-objects.ts';
import { networkGit } from './network-git.ts';
import type { RepositoryAddress } from './repository-address.ts';

/** What a job wants of a repository. */
export interface WantedCommit {
  readonly sha: string;
  readonly refspecs: readonly string[];
  /** 0: the whole history. */
  readonly depth: number;
}

export interface FetchSurroundings {
  /** Where mirrors are kept. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A file of certificates to trust; null: the system's alone. */
  readonly certificatesFile: string | null;
  readonly clock: Clock;
  readonly random: () => number;
  /** The job's. */
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/**
 * Brings a commit into this machine's mirror of its repository, and answers with the repository as a clone with the
 * same refspecs would know it. Nothing that is there is fetched twice. Calls for one mirror come one after another.
 *
 * @throws AppError `sources-not-fetched`; the signal's reason when aborted.
 */
export async function fetchCommit(
  address: RepositoryAddress,
  wanted: WantedCommit,
  surroundings: FetchSurroundings,
): Promise<GitRepository> {
  const folder = join(surroundings.folder, mirrorName(address, wanted));
  await makeMirror(folder, wanted.sha);
  // Those used longest ago are the first to go.
  const now = new Date();
  await utimes(folder, now, now);
  const refspecs = wanted.refspecs.filter(isRefspec);
  const depth = wanted.depth > 0 ? [`--depth=${wanted.depth}`] : [];
  const failure = await fetch(folder, address, surroundings, [...depth, '--prune'], refspecs);
  if (!(await hasCommit(folder, wanted.sha))) {
    // The branch has moved on by more than the depth, or is gone.
    const second = await fetch(folder, address, surroundings, depth, [wanted.sha]);
    if (!(await hasCommit(folder, wanted.sha))) throw notFetched(address, failure ?? second);
  }
  const repository = await readGitRepository(folder);
  if (repository === null) throw notFetched(address, `${folder} is no repository`);
  const isWanted = fetchedBy(refspecs);
  await forget(
    folder,
    repository.refs.filter((ref) => isPassing(ref) && !isWanted(ref)),
  );
  return { ...repository, originUrl: address.url, refs: repository.refs.filter(isWanted) };
}

/** A shallow mirror and a whole one are two: each would take the other's history away. */
export function mirrorName({ url }: RepositoryAddress, { depth }: WantedCommit): string {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 24);
  return `${digest}-${depth > 0 ? 'shallow' : 'whole'}.git`;
}

async function makeMirror(folder: string, sha: string): Promise<void> {
  const isThere = await runGit(folder, ['rev-parse', '--is-bare-repository']);
  if (isThere.ok) return;
  await removeTree(folder);
  const fresh = `${folder}.new`;
  await removeTree(fresh);
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const format = sha.length === 64 ? ['--object-format=sha256'] : [];
  const made = await runGit(fresh, ['init', '--quiet', '--bare', '--template=', ...format]);
  if (!made.ok) throw new AppError('git-failed', `${folder} cannot be made: ${made.stderr.trim()}`);
  await rename(fresh, folder);
}

/** @returns what went wrong; null when it has worked. */
async function fetch(
  folder: string,
  address: RepositoryAddress,
  surroundings: FetchSurroundings,
  options: readonly string[],
  what: readonly string[],
): Promise<string | null> {
  if (what.length === 0) return 'the server names nothing to fetch';
  return await networkGit({
    folder,
    address,
    surroundings,
    config: [],
    args: [
      ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'],
      ...[...options, '--end-of-options', address.url, ...what],
    ],
  });
}

/** Servers make such a ref for each pipeline or merge request, and nobody wants it again. */
function isPassing({ name }: GitRef): boolean {
  return /^refs\/(?:pipelines|merge-requests|merge-trains)\//.test(name);
}

/** What stays is forgotten the next time. */
async function forget(folder: string, refs: readonly GitRef[]): Promise<void> {
  if (refs.length === 0) return;
  const git = startGit(folder, ['update-ref', '--stdin', '-z']);
  const closed = once(git, 'close');
  git.stdout.resume();
  git.stderr.resume();
  git.stdin.on('error', () => undefined);
  git.stdin.end(refs.map(({ name }) => `delete ${name}\0\0`).join(''));
  await closed;
}

async function hasCommit(folder: string, sha: string): Promise<boolean> {
  return (await runGit(folder, ['cat-file', '-e', '--end-of-options', `${sha}^{commit}`])).ok;
}

/** What the server sends is no option, and names refs on both sides. */
function isRefspec(text: string): boolean {
  return /^\+?refs\/[^\s:]+:refs\/[^\s:]+$/.test(text);
}

function fetchedBy(refspecs: readonly string[]): (ref: { readonly name: string }) => boolean {
  const targets = refspecs.map((refspec) => refspec.split(':')[1] ?? '');
  return ({ name }) =>
    targets.some((target) => {
      const star = target.indexOf('*');
      if (star < 0) return name === target;
      return name.startsWith(target.slice(0, star)) && name.endsWith(target.slice(star + 1));
    });
}

function notFetched({ url }: RepositoryAddress, reason: string | null): AppError {
  const why = reason ?? 'the commit is not in what was fetched';
  return new AppError('sources-not-fetched', `${url} could not be fetched: ${why}.`, {
    hint: 'It must be reachable from the machine of the runner, at the address that the server gives.',
  });
}
