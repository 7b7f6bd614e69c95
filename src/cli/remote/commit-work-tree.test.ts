import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commitAll, commitProject, gitIn, writeFiles } from '../test-support/call-program.ts';
import { commitWorkTree, type WorkTreeCommit } from './commit-work-tree.ts';

test('what is there is committed, and the repository does not notice', async () => {
  const folder = await repository();
  await writeFiles(folder, {
    'a.txt': 'changed',
    'new/deep.txt': 'new',
    '.gitignore': 'ignored\n',
    ignored: 'x',
    '-rf': 'x',
    'line\nbreak': 'x',
    'a"quote': 'x',
  });
  await writeFile(join(folder, 'run.sh'), 'x');
  await chmod(join(folder, 'run.sh'), 0o755);
  await symlink('/etc/passwd', join(folder, 'link'));
  await rm(join(folder, 'gone.txt'));
  gitIn(folder, 'add', 'a.txt');
  const before = stateOf(folder);
  await using work = await commitWorkTree(folder);
  const files = git(work, folder, 'ls-tree', '-r', '-z', work.sha)
    .split('\0')
    .filter((line) => line !== '');
  expect(files.map((line) => line.replace(/^(\d+) blob \w+\t/, '$1 ')).sort()).toEqual([
    '100644 -rf',
    '100644 .gitignore',
    '100644 a"quote',
    '100644 a.txt',
    '100644 line\nbreak',
    '100644 new/deep.txt',
    '100755 run.sh',
    '120000 link',
  ]);
  expect(git(work, folder, 'show', `${work.sha}:a.txt`)).toBe('changed');
  expect(work.branch).toBe('main');
  expect(stateOf(folder)).toBe(before);
  expect(() => gitIn(folder, 'cat-file', '-e', work.sha)).toThrow();
});

test('nothing is left of it afterwards', async () => {
  const folder = await repository();
  const work = await commitWorkTree(folder);
  const objects = work.environment.GIT_OBJECT_DIRECTORY ?? '';
  expect(await readdir(objects)).not.toEqual([]);
  await work[Symbol.asyncDispose]();
  await expect(readdir(dirname(objects))).rejects.toThrow('ENOENT');
});

test('a repository may have no commit, no branch, or a merge that is not done', async () => {
  const folder = await temporary();
  gitIn(folder, 'init', '-q', '-b', 'main');
  await writeFile(join(folder, 'a.txt'), 'one');
  {
    await using first = await commitWorkTree(folder);
    expect(git(first, folder, 'log', '--format=%s %P', first.sha).trim()).toBe('Working tree');
  }
  commitAll(folder, 'one');
  gitIn(folder, 'checkout', '-q', '-b', 'other');
  await writeFile(join(folder, 'a.txt'), 'two');
  commitAll(folder, 'two');
  gitIn(folder, 'checkout', '-q', 'main');
  await writeFile(join(folder, 'a.txt'), 'three');
  commitAll(folder, 'three [skip ci]');
  expect(() => gitIn(folder, 'merge', 'other')).toThrow();
  {
    await using merging = await commitWorkTree(folder);
    expect(git(merging, folder, 'show', `${merging.sha}:a.txt`)).toContain('<<<<<<<');
    expect(git(merging, folder, 'log', '-1', '--format=%s', merging.sha).trim()).toBe('three');
  }
  gitIn(folder, 'merge', '--abort');
  gitIn(folder, 'checkout', '-q', '--detach');
  await using detached = await commitWorkTree(folder);
  expect(detached.branch).toBeNull();
});

test('submodules go along as the commits that are checked out, and filters of the repository do not run', async () => {
  const [folder, inner] = [await repository(), await repository()];
  gitIn(folder, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'sub');
  await writeFile(join(folder, 'sub', 'a.txt'), 'not committed there');
  gitIn(folder, 'config', 'filter.evil.clean', `touch ${join(folder, 'ran')}; cat`);
  await writeFile(join(folder, '.gitattributes'), '*.txt filter=evil\n');
  await writeFile(join(folder, 'a.txt'), 'changed');
  await using work = await commitWorkTree(folder);
  expect(work.submodules).toEqual(['sub']);
  expect(git(work, folder, 'ls-tree', work.sha, 'sub')).toContain(gitIn(inner, 'rev-parse', 'HEAD').trim());
  expect(await readdir(folder)).not.toContain('ran');
});

test('a folder that is in no repository is said to be', async () => {
  await expect(commitWorkTree(await temporary())).rejects.toMatchObject({ code: 'no-repository' });
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tree:"with" names-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function repository(): Promise<string> {
  const folder = await temporary();
  await mkdir(folder, { recursive: true });
  await commitProject(folder, { 'a.txt': 'a', 'gone.txt': 'x' });
  return folder;
}

function git({ environment }: WorkTreeCommit, folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
}

function stateOf(folder: string): string {
  const asked = [
    ['status', '--porcelain', '-z'],
    ['for-each-ref'],
    ['ls-files', '-s', '-z'],
    ['count-objects', '-v'],
  ];
  return asked.map((args) => gitIn(folder, ...args)).join('\n');
}
