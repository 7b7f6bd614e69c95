import { createInterface } from 'node:readline';
import { AppError } from '../../../base/app-error.ts';
import { type GitProcess, startServerGit } from '../git-process.ts';
import { repositoryConfig, SERVER_REFS } from '../repository-config.ts';
import { writeTo } from '../write-to.ts';

/** Nothing is pushed by these calls, and no hook is run. */
export const OWN_CONFIG = repositoryConfig({ hooks: '/nonexistent', mayPush: false, maxPushBytes: 0 });

/**
 * One pack of everything that can be reached from these objects, which must be there. What git has compressed already is
 * taken as it is. Throws an AppError `git-failed`, perhaps after some of it.
 */
export async function* packRepository(folder: string, tips: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const args = ['pack-objects', '--revs', '--stdout', '--delta-base-offset', '--window=0', '--quiet'];
  const git = startServerGit(['--git-dir', folder, ...args], OWN_CONFIG);
  const fed = feed(git, tips);
  try {
    yield* git.child.stdout;
    await ended(git, `the repository ${folder} cannot be packed`);
  } finally {
    git.end();
    await fed;
  }
}

/** For each object, in their order, whether the repository has it. */
export async function* presence(
  folder: string,
  objects: AsyncIterable<string>,
): AsyncGenerator<{ readonly hash: string; readonly isThere: boolean }> {
  const format = '--batch-check=%(objectname) %(objecttype)';
  const git = startServerGit(['--git-dir', folder, 'cat-file', '--buffer', format], OWN_CONFIG);
  const fed = feed(git, objects);
  try {
    for await (const line of createInterface({ input: git.child.stdout })) {
      const [hash = '', word] = line.split(' ');
      yield { hash, isThere: word !== 'missing' };
    }
    await ended(git, `the objects of ${folder} cannot be looked up`);
  } finally {
    git.end();
    await fed;
  }
}

/** The refs that the server itself keeps in a repository, with their hashes. */
export async function* serverRefs(
  folder: string,
): AsyncGenerator<{ readonly ref: string; readonly hash: string }> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', ...SERVER_REFS];
  const git = startServerGit(['--git-dir', folder, ...args], OWN_CONFIG);
  git.child.stdin.end();
  try {
    for await (const line of createInterface({ input: git.child.stdout })) {
      const space = line.indexOf(' ');
      yield { hash: line.slice(0, space), ref: line.slice(space + 1) };
    }
    await ended(git, `the refs of ${folder} cannot be listed`);
  } finally {
    git.end();
  }
}

/** Lines, as fast as git takes them. It may end before it has read all: its exit code says why. */
async function feed({ child: { stdin } }: GitProcess, lines: AsyncIterable<string>): Promise<void> {
  let held = '';
  for await (const line of lines) {
    held += `${line}\n`;
    if (held.length < LINES_BYTES) continue;
    if (!(await write(stdin, held))) return;
    held = '';
  }
  if (await write(stdin, held)) stdin.end();
}

const LINES_BYTES = 32 * 1024;

async function write(stdin: GitProcess['child']['stdin'], text: string): Promise<boolean> {
  if (stdin.destroyed) return false;
  await writeTo(stdin, Buffer.from(text));
  return !stdin.destroyed;
}

export async function ended(git: GitProcess, failure: string): Promise<void> {
  if ((await git.ended) === 0) return;
  throw new AppError('git-failed', `Git failed: ${failure}: ${git.complaint()}`);
}
