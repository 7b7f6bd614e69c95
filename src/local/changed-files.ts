import { runGitOnWorkTree } from '../base/git.ts';
import { answer, printed } from './repository.ts';

/** Committed changes since the base and uncommitted ones, new files included: below the folder, and relative to it. */
export async function changedFilesSince(folder: string, base: string): Promise<readonly string[]> {
  const [tracked, untracked] = await Promise.all([
    runGitOnWorkTree(folder, [
      ...['diff', '--name-only', '--no-renames', '--relative', '-z'],
      ...['--end-of-options', base, '--'],
    ]),
    answer(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  const paths = `${printed(tracked) ?? ''}\0${untracked ?? ''}`.split('\0').filter((path) => path !== '');
  return [...new Set(paths)].sort();
}
