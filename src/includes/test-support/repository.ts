import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Files = Readonly<Record<string, string>>;

/** Runs git in a folder, away from the configuration of whoever runs the tests. */
export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@localhost',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@localhost',
    },
  }).trim();
}

/** A repository with a work tree whose branches and tags have these files; the first one is checked out. */
export function makeRepository(folder: string, refs: Readonly<Record<string, Files>>): void {
  mkdirSync(folder, { recursive: true });
  const [head = 'main'] = Object.keys(refs);
  git(folder, 'init', '-q', '-b', head);
  // Tags go first: a branch stays where it is committed to.
  for (const [ref, files] of Object.entries(refs).toReversed()) {
    const isTag = /^v?\d/.test(ref);
    if (isTag || ref !== head) git(folder, 'checkout', '-q', '--orphan', isTag ? 'for-a-tag' : ref);
    else git(folder, 'checkout', '-q', '--orphan', head);
    writeFiles(folder, files);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '--allow-empty', '-m', ref);
    if (!isTag) continue;
    git(folder, 'tag', '-a', '-m', ref, ref);
    git(folder, 'checkout', '-q', '--detach');
    git(folder, 'branch', '-q', '-D', 'for-a-tag');
  }
}

function writeFiles(folder: string, files: Files): void {
  for (const name of git(folder, 'ls-files').split('\n'))
    if (name !== '') rmSync(join(folder, name), { force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The same repository as a server has it, without a work tree. */
export function publish(folder: string, bare: string): void {
  mkdirSync(dirname(bare), { recursive: true });
  git(folder, 'clone', '-q', '--bare', folder, bare);
  git(bare, 'config', 'uploadpack.allowFilter', 'true');
}
