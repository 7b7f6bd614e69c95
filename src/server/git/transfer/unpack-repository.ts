import { once } from 'node:events';
import { join } from 'node:path';
import { startServerGit } from '../git-process.ts';
import { syncFolders } from '../repositories.ts';
import { SERVER_REFS } from '../repository-config.ts';
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
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]);
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
  const git = startServerGit(['--git-dir', folder, 'update-ref', '--stdin'], OWN_CONFIG);
  git.child.stdout.resume();
  git.child.stdin.end(refs.map(([ref, hash]) => `create ${ref} ${hash}\n`).join(''));
  await ended(git, `refs of ${folder} cannot be made`);
}

/** Many refs in one file, as a repository has them that was not filled at once. */
export async function packRefs(folder: string): Promise<void> {
  const git = startServerGit(['--git-dir', folder, 'pack-refs', '--all'], OWN_CONFIG);
  git.child.stdout.resume();
  git.child.stdin.end();
  await ended(git, `the refs of ${folder} cannot be packed`);
}

/** Whether a server has refs of such a name; git itself looks at the rest of it. */
export function isServedRef(ref: string): boolean {
  return SERVED.some((start) => ref.startsWith(`${start}/`)) && !UNFIT.test(ref);
}

const SERVED = ['refs/heads', 'refs/tags', ...SERVER_REFS];
/** What would end the name, or the line, in what git is told. */
const UNFIT = /[\p{Cc}\s"]/u;
