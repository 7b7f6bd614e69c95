import { AppError } from '../../../base/app-error.ts';
import { runGit } from '../../../base/git.ts';
import type { FetchSurroundings } from './mirror.ts';
import { networkGit } from './network-git.ts';
import type { RepositoryAddress } from './repository-address.ts';

/**
 * With these a checkout has the small files that stand for the large ones, whatever the machine's own configuration of
 * git-lfs says: that one would fetch each by itself, and without the job's token.
 */
export const WITHOUT_LARGE_FILES = [
  ...['-c', 'filter.lfs.smudge=', '-c', 'filter.lfs.process=', '-c', 'filter.lfs.required=false'],
] as const;

/** As `git lfs install` writes it: without it, git-lfs fetches the files and does not put them in their places. */
const INSTALLED = [
  'filter.lfs.clean=git-lfs clean -- %f',
  'filter.lfs.smudge=git-lfs smudge -- %f',
  'filter.lfs.process=git-lfs filter-process',
  'filter.lfs.required=true',
];

/** Whether a job wants large files (docs/topics/git/lfs): GIT_LFS_SKIP_SMUDGE leaves them out. */
export function wantsLargeFiles(variables: ReadonlyMap<string, string>): boolean {
  return ['', '0', 'false'].includes(variables.get('GIT_LFS_SKIP_SMUDGE')?.toLowerCase() ?? '');
}

/**
 * Replaces the files of a checkout that stand for large ones by those, which git-lfs fetches with the job's token. Where
 * there is no git-lfs the log says so.
 *
 * @throws AppError `sources-not-fetched`; the signal's reason when aborted.
 */
export async function fetchLargeFiles(
  checkout: string,
  address: RepositoryAddress,
  surroundings: FetchSurroundings,
): Promise<void> {
  const { log } = surroundings;
  const found = await runGit(checkout, ['ls-files', '-z', '--', ':(attr:filter=lfs)']);
  if (!found.ok || found.stdout === '') return;
  const count = found.stdout.split('\0').length - 1;
  if (!(await runGit(checkout, ['lfs', 'version'])).ok) {
    const message = `WARNING: ${count} files are kept by Git LFS, and this runner has no git-lfs: they are what stands for them.`;
    await log.line(message, 'warning');
    return;
  }
  await log.line(`Fetching large files (${count})...`);
  const failure = await networkGit({
    ...{ folder: checkout, address, surroundings },
    args: ['lfs', 'pull'],
    config: INSTALLED,
  });
  if (failure === null) return;
  throw new AppError('sources-not-fetched', `The large files could not be fetched: ${failure}.`, {
    hint: 'Does the server keep them? GIT_LFS_SKIP_SMUDGE: 1 leaves them out.',
  });
}
