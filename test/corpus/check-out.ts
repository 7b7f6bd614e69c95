import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runGit } from '../../src/base/git.ts';
import { folderName } from './projects.ts';

/**
 * Lays out what reading a pipeline file needs of a repository at a commit: the YAML files, and the names of all others
 * in the index, so that `exists` finds them. A whole checkout would be a hundred times as much.
 *
 * `checkouts`: the folder with the repositories, each `owner+name` or `owner/name`: a work tree, a bare repository, or
 * a folder with one of these called `repo`.
 *
 * @throws Error when the repository is not there, or does not have the commit.
 */
export async function checkOut(
  checkouts: string,
  repository: string,
  commit: string,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet']);
  // The objects stay where they are.
  const objects = resolve(gitDirectory(checkouts, repository), 'objects');
  await writeFile(join(folder, '.git/objects/info/alternates'), `${objects}\n`);
  await git(folder, ['read-tree', '--end-of-options', `${commit}^{commit}`]);
  const all = await git(folder, ['ls-files', '-z']);
  const yaml = all.split('\0').filter((path) => /\.ya?ml$/i.test(path));
  await git(folder, ['checkout-index', '-z', '--force', '--stdin'], yaml.join('\0'));
  await git(folder, ['update-index', '-z', '--skip-worktree', '--stdin'], all);
}

/** The git directory of a repository in the folder of clones. @throws Error when it is not there. */
export function gitDirectory(checkouts: string, repository: string): string {
  const roots = [folderName(repository), repository].map((name) => join(checkouts, name));
  const places = roots.flatMap((root) => [join(root, 'repo'), root]);
  const found = places.flatMap((place) => [join(place, '.git'), place]).find(isGitDirectory);
  if (found === undefined) throw new Error(`${repository} is not in ${checkouts}`);
  return found;
}

function isGitDirectory(path: string): boolean {
  return existsSync(join(path, 'HEAD')) && existsSync(join(path, 'objects'));
}

async function git(folder: string, args: readonly string[], input?: string): Promise<string> {
  if (input !== undefined) return feed(folder, args, input);
  const result = await runGit(folder, args);
  if (!result.ok) throw new Error(`git ${args.join(' ')}: ${result.stderr.trim()}`);
  return result.stdout;
}

/** For git commands that read a list of paths. */
function feed(folder: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', folder, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (bytes) => {
      words = (words + String(bytes)).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve('');
      else reject(new Error(`git ${args.join(' ')}: ${words.trim()}`));
    });
    child.stdin.end(input);
  });
}
