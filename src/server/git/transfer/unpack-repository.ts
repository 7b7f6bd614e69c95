import { join } from 'node:path';
import { startServerGit } from '../git-process.ts';
import { syncFolders } from '../repositories.ts';
import { writeTo } from '../write-to.ts';
import { ended, OWN_CONFIG } from './pack-repository.ts';

/** Puts a pack into an empty repository; no bytes are none. Throws an AppError `git-failed` when it is not whole. */
export async function unpackRepository(folder: string, pack: AsyncIterable<Buffer>): Promise<void> {
  let git: ReturnType<typeof startServerGit> | null = null;
  try {
    for await (const chunk of pack) {
      if (git === null) {
        git = startServerGit(['--git-dir', folder, 'index-pack', '--stdin', '--threads=2'], OWN_CONFIG);
        git.child.stdout.resume();
      }
      const { stdin } = git.child;
      if (stdin.destroyed) break;
      await writeTo(stdin, chunk);
    }
    git?.child.stdin.end();
    if (git !== null) await ended(git, `the pack of ${folder} cannot be read`);
    await syncFolders([join(folder, 'objects', 'pack')]);
  } finally {
    git?.end();
    await git?.ended;
  }
}

/** Makes refs whose objects are there. Throws an AppError `git-failed` for a name that is none or an object that is missing. */
export async function makeRefs(
  folder: string,
  refs: readonly (readonly [ref: string, hash: string])[],
): Promise<void> {
  const git = startServerGit(['--git-dir', folder, 'update-ref', '--stdin', '-z'], OWN_CONFIG);
  git.child.stdout.resume();
  git.child.stdin.end(refs.map(([ref, hash]) => `create ${ref}\0${hash}\0`).join(''));
  await ended(git, `refs of ${folder} cannot be made`);
}

/** Many refs in one file, as a repository has them that was not filled at once. */
export async function packRefs(folder: string): Promise<void> {
  const git = startServerGit(['--git-dir', folder, 'pack-refs', '--all'], OWN_CONFIG);
  git.child.stdout.resume();
  git.child.stdin.end();
  await ended(git, `the refs of ${folder} cannot be packed`);
}
