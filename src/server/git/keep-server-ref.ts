import { AppError } from '../../base/app-error.ts';
import { startServerGit } from './git-process.ts';
import type { Repositories } from './repositories.ts';
import { SERVER_REFS } from './repository-config.ts';

/** Points a ref of the server at a commit that is there, so that it stays. Throws for a ref that people may push. */
export async function keepServerRef(
  repositories: Repositories,
  project: number,
  ref: string,
  hash: string,
): Promise<void> {
  if (!SERVER_REFS.some((folder) => ref.startsWith(`${folder}/`)) || !/^[0-9a-f]{40,64}$/.test(hash)) {
    throw new Error(`Not a ref of the server and a commit: ${ref} ${hash}`);
  }
  const git = startServerGit(
    ['--git-dir', repositories.folderOf(project), 'update-ref', '--stdin', '-z'],
    repositories.config(false, { mayPush: false, maxPushBytes: 0 }),
  );
  git.child.stdout.resume();
  // No hash it had before: whatever it was.
  git.child.stdin.end(`update ${ref}\0${hash}\0\0`);
  if ((await git.ended) !== 0) {
    throw new AppError('git-failed', `git update-ref failed: ${git.complaint()}`);
  }
}
