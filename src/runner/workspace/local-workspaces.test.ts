import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingLog } from '../archive/test-support/recording-log.ts';
import { removeTree } from '../folder/remove-tree.ts';
import { createLocalWorkspaces } from './local-workspaces.ts';

const JOB = {
  jobId: 1,
  variables: new Map<string, string>(),
  log: recordingLog(),
  signal: new AbortController().signal,
};

let root: string;
let repository: string;
let runFolder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-workspace-'));
  repository = join(root, 'repository');
  runFolder = join(root, 'run');
  await mkdir(repository);
  await mkdir(runFolder);
});
afterEach(() => removeTree(root));

describe('the working copies of a repository', () => {
  it('hold the commit and, over it, what is not committed and not ignored', async () => {
    const commit = await exampleRepository();
    await change();
    const copy = await copyOf(commit, { includeUncommitted: true });
    expect(await listing(copy)).toEqual(['.gitignore', 'link', 'new', 'sub', 'sub/changed', 'tool']);
    expect(await readFile(join(copy, 'sub/changed'), 'utf8')).toBe('changed\n');
    expect(await readFile(join(copy, 'new'), 'utf8')).toBe('new\n');
    expect((await lstat(join(copy, 'tool'))).mode & 0o777).toBe(0o755);
    expect((await lstat(join(copy, 'link'))).isSymbolicLink()).toBe(true);
    expect(git(copy, 'status', '--porcelain').split('\n').sort()).toEqual([
      ' D removed',
      ' M sub/changed',
      '?? new',
    ]);
  });

  it('hold the commit alone when asked to', async () => {
    const commit = await exampleRepository();
    await change();
    const copy = await copyOf(commit, { includeUncommitted: false });
    expect(await listing(copy)).toEqual(['.gitignore', 'link', 'removed', 'sub', 'sub/changed', 'tool']);
    expect(await readFile(join(copy, 'sub/changed'), 'utf8')).toBe('committed\n');
    expect(git(copy, 'status', '--porcelain')).toBe('');
    expect(git(copy, 'diff-files')).toBe('');
  });

  it('are git repositories at the commit, with tags and with the branches of origin', async () => {
    const commit = await exampleRepository();
    git(repository, 'tag', '-a', '-m', 'first', 'v1.0');
    git(repository, 'branch', 'feature');
    git(repository, 'remote', 'add', 'origin', 'https://person:token@example.org/group/project.git');
    const copy = await copyOf(commit, { includeUncommitted: true });
    expect(git(copy, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(copy, 'describe')).toBe('v1.0');
    expect(git(copy, 'log', '--format=%s')).toBe('one');
    expect(git(copy, 'diff', '--name-only', 'origin/feature')).toBe('');
    expect(git(copy, 'remote', 'get-url', 'origin')).toBe('https://example.org/group/project.git');
    expect(git(copy, 'fsck', '--full')).toBe('');
  });

  it('share no file with the repository', async () => {
    const commit = await exampleRepository();
    const copy = await copyOf(commit, { includeUncommitted: true });
    const inodes = async (folder: string) =>
      Promise.all((await listing(folder, true)).map(async (name) => (await lstat(join(folder, name))).ino));
    const theirs = new Set(await inodes(repository));
    expect((await inodes(copy)).filter((inode) => theirs.has(inode))).toEqual([]);
    await expect(lstat(join(copy, '.git/objects/info/alternates'))).rejects.toThrow();
  });

  it('as a layer cost nothing a job, and say where their objects are', async () => {
    const commit = await exampleRepository();
    const source = await createLocalWorkspaces({ repository, commit, includeUncommitted: true, runFolder });
    const before = await readdir(runFolder);
    const workspace = await source.create({ ...JOB, sources: true, layered: true });
    expect(await readdir(runFolder)).toEqual(before);
    expect(workspace.layer?.references).toEqual([
      { folder: join(repository, '.git/objects'), shownAt: '/var/lib/slipway-git-objects/0' },
    ]);
    expect(git(workspace.layer?.lower ?? '', 'rev-parse', 'HEAD')).toBe(commit);
    await workspace[Symbol.asyncDispose]();
    expect(await readdir(runFolder)).toEqual(before);
  });

  it('borrow from everywhere the repository borrows from, and from the main one of a worktree', async () => {
    const commit = await exampleRepository();
    const shared = join(root, 'shared');
    const worktree = join(root, 'worktree');
    git(root, 'clone', '--quiet', '--shared', repository, shared);
    git(shared, 'worktree', 'add', '--quiet', worktree);
    repository = worktree;
    const copy = await copyOf(commit, { includeUncommitted: true });
    expect(git(copy, 'log', '--format=%s')).toBe('one');
    expect(git(copy, 'fsck', '--full')).toBe('');
  });

  it('follow no link out of the repository', async () => {
    const commit = await exampleRepository();
    await rm(join(repository, 'sub'), { recursive: true });
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside', 'changed'), 'secret');
    await symlink(join(root, 'outside'), join(repository, 'sub'));
    const copy = await copyOf(commit, { includeUncommitted: true });
    expect((await lstat(join(copy, 'sub'))).isSymbolicLink()).toBe(true);
  });

  it('are empty without sources', async () => {
    const commit = await exampleRepository();
    const source = await createLocalWorkspaces({ repository, commit, includeUncommitted: true, runFolder });
    for (const layered of [true, false]) {
      const workspace = await source.create({ ...JOB, sources: false, layered });
      expect(await readdir(workspace.layer?.lower ?? workspace.path)).toEqual([]);
    }
  });

  it('need no git', async () => {
    await mkdir(join(repository, 'empty', 'folder'), { recursive: true });
    await writeFile(join(repository, 'file'), 'text');
    const copy = await copyOf(null, { includeUncommitted: true });
    expect(await listing(copy)).toEqual(['empty', 'empty/folder', 'file']);
  });

  it.runIf(process.getuid?.() === 0).each([{ git: true }, { git: false }])(
    'leave out what an ordinary user may not read, and say so (git: $git)',
    async ({ git: isRepository }) => {
      const commit = isRepository ? await exampleRepository() : null;
      await mkdir(join(repository, 'closed'));
      await writeFile(join(repository, 'closed/file'), '');
      await writeFile(join(repository, 'secret'), '');
      await writeFile(join(repository, 'open'), '');
      if (isRepository) await chmod(join(repository, 'sub/changed'), 0);
      execFileSync('chown', ['-R', '65534:65534', root]);
      await chmod(join(repository, 'secret'), 0);
      await chmod(join(repository, 'closed'), 0);
      const program = `
        import { createLocalWorkspaces } from '${new URL('local-workspaces.ts', import.meta.url).href}';
        const warn = (message) => console.log(message);
        const options = ${JSON.stringify({ repository, commit, runFolder, includeUncommitted: true })};
        const workspaces = await createLocalWorkspaces({ ...options, warn });
        const { path } = await workspaces.create({ jobId: 1, sources: true, layered: false });
        console.log(path);`;
      const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
      const said = execFileSync(
        'setpriv',
        [...user, process.execPath, '--input-type=module', '-e', program],
        {
          env: { PATH: process.env.PATH, HOME: '/nonexistent' },
          encoding: 'utf8',
        },
      );
      const [warning, path = ''] = said.trim().split('\n');
      const names = isRepository ? 'closed, secret, sub/changed' : 'closed, secret';
      expect(warning).toBe(`No job sees these, because you may not read them: ${names}.`);
      const files = await readdir(path);
      expect(files).toContain('open');
      expect(files).not.toContain('secret');
    },
  );

  it('leave out what a repository without a commit ignores', async () => {
    git(repository, 'init', '--quiet');
    await mkdir(join(repository, 'node_modules/deep'), { recursive: true });
    await writeFile(join(repository, 'node_modules/deep/file'), '');
    await writeFile(join(repository, '.env'), 'secret');
    await writeFile(join(repository, '.gitignore'), 'node_modules\n.env\n');
    await writeFile(join(repository, 'file'), 'text');
    expect(await listing(await copyOf(null, { includeUncommitted: true }), true)).toEqual([
      '.gitignore',
      'file',
    ]);
  });

  it.each([{ git: true }, { git: false }])('hold files whose names are no UTF-8 ($git)', async ({ git }) => {
    const commit = git ? await exampleRepository() : null;
    const name = Buffer.concat([Buffer.from(`${repository}/caf`), Buffer.from([0xe9])]);
    await writeFile(name, 'latin');
    const copy = await copyOf(commit, { includeUncommitted: true });
    const copied = Buffer.concat([Buffer.from(`${copy}/caf`), Buffer.from([0xe9])]);
    expect(await readFile(copied, 'utf8')).toBe('latin');
  });

  it('show no folder or file that the repository passes off as its own', async () => {
    const commit = await exampleRepository();
    const outside = join(root, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'key'), 'secret');
    await writeFile(join(repository, '.git/objects/info/alternates'), `${outside}\n`);
    expect(await listing(await copyOf(commit, { includeUncommitted: true }), true)).not.toContain(
      '.git/objects/key',
    );
    await symlink(join(outside, 'key'), join(repository, '.git/shallow'));
    const shallow = copyOf(commit, { includeUncommitted: true }).then((copy) =>
      readFile(join(copy, '.git/shallow'), 'utf8'),
    );
    await expect(shallow).rejects.toThrow();
  });

  it('run no program that the repository names', async () => {
    const commit = await exampleRepository();
    const hook = join(repository, '.git/hooks/post-index-change');
    await writeFile(hook, `#!/bin/sh\ntouch ${root}/hooked\n`);
    await chmod(hook, 0o755);
    git(repository, 'config', 'core.fsmonitor', `touch ${root}/hooked`);
    await copyOf(commit, { includeUncommitted: true });
    expect(await readdir(root)).not.toContain('hooked');
  });
});

async function exampleRepository(): Promise<string> {
  git(repository, 'init', '--quiet', '--initial-branch', 'main');
  await mkdir(join(repository, 'sub'));
  await Promise.all([
    writeFile(join(repository, '.gitignore'), 'ignored\n'),
    writeFile(join(repository, 'sub/changed'), 'committed\n'),
    writeFile(join(repository, 'removed'), 'removed\n'),
    writeFile(join(repository, 'tool'), '#!/bin/sh\n', { mode: 0o755 }),
    symlink('tool', join(repository, 'link')),
  ]);
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '-m', 'one');
  return git(repository, 'rev-parse', 'HEAD');
}

async function change(): Promise<void> {
  await writeFile(join(repository, 'sub/changed'), 'changed\n');
  await writeFile(join(repository, 'new'), 'new\n');
  await writeFile(join(repository, 'ignored'), 'ignored\n');
  await rm(join(repository, 'removed'));
}

async function copyOf(commit: string | null, options: { includeUncommitted: boolean }): Promise<string> {
  const source = await createLocalWorkspaces({ repository, commit, runFolder, ...options });
  return (await source.create({ ...JOB, sources: true, layered: false })).path;
}

async function listing(folder: string, withGit = false): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => withGit || !/^\.git(\/|$)/.test(name)).sort();
}

function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trimEnd();
}
