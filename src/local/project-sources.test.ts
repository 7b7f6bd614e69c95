import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectSources } from './project-sources.ts';

let base = '';
let root = '';

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
  execFileSync('git', ['-C', root, ...who, ...args], { stdio: 'ignore' });
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-sources-'));
  root = join(base, 'project');
  await mkdir(join(root, 'ci'), { recursive: true });
  await writeFile(join(base, 'outside.yml'), 'secret: 1\n');
  await writeFile(join(root, 'kept.yml'), 'kept: 1\n');
  await writeFile(join(root, 'removed.yml'), 'removed: 1\n');
  await writeFile(join(root, '.gitignore'), 'ignored.yml\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  git('checkout', '-q', '-b', 'topic');
  await writeFile(join(root, 'ci/new.yml'), 'new: 1\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'two');
  await rm(join(root, 'removed.yml'));
  await writeFile(join(root, 'untracked.yml'), 'untracked: ü\n');
  await writeFile(join(root, 'ignored.yml'), 'ignored: 1\n');
  await writeFile(join(root, 'latin1.yml'), Buffer.from([0x61, 0xe4]));
  await writeFile(join(root, 'latin1-later.yml'), Buffer.from('a: \xc3\xbc\nb: \xe4 und so\n', 'latin1'));
  await writeFile(join(root, 'large.yml'), Buffer.alloc(6_000_000, 'a'));
  await symlink('kept.yml', join(root, 'link.yml'));
  await symlink('../outside.yml', join(root, 'escape.yml'));
  await symlink('..', join(root, 'up'));
  execFileSync('mkfifo', [join(root, 'pipe.yml')]);
});
afterAll(() => rm(base, { recursive: true }));

describe('files of a project folder', () => {
  it.each<[string, object]>([
    ['kept.yml', { kind: 'text', text: 'kept: 1\n' }],
    ['untracked.yml', { kind: 'text', text: 'untracked: ü\n' }],
    ['link.yml', { kind: 'text', text: 'kept: 1\n' }],
    ['none.yml', { kind: 'absent' }],
    ['removed.yml', { kind: 'absent' }],
    ['ci', { kind: 'absent' }],
    ['escape.yml', { kind: 'absent' }],
    ['up/outside.yml', { kind: 'absent' }],
    ['../outside.yml', { kind: 'absent' }],
    ['latin1.yml', { kind: 'not-utf8', line: 1, column: 2 }],
    ['latin1-later.yml', { kind: 'not-utf8', line: 2, column: 4 }],
    ['large.yml', { kind: 'too-large', bytes: 6_000_000, limit: 5_000_000 }],
    ['pipe.yml', { kind: 'absent' }],
  ])('%s', async (path, expected) => {
    expect(await projectSources(root).readFile(path)).toEqual(expected);
  });

  it('lists what a push would hold', async () => {
    const files = await projectSources(root).listFiles();
    expect(files).toContain('ci/new.yml');
    expect(files).toContain('untracked.yml');
    expect(files).not.toContain('ignored.yml');
    expect(files).not.toContain('removed.yml');
    expect(files).toEqual([...files].sort());
  });

  it('lists everything below a folder that is no repository', async () => {
    const folder = join(base, 'plain');
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await writeFile(join(folder, 'a/b/c.txt'), '');
    await writeFile(join(folder, 'd.txt'), '');
    expect(await projectSources(folder).listFiles()).toEqual(['a/b/c.txt', 'd.txt']);
  });

  it('tells what differs from the merge base with a ref', async () => {
    const changed = await projectSources(root).changedSince('main');
    expect(changed).toContain('ci/new.yml');
    expect(changed).toContain('removed.yml');
    expect(changed).toContain('untracked.yml');
    expect(changed).not.toContain('kept.yml');
    expect(await projectSources(root).changedSince('no-such-branch')).toBeNull();
    expect(await projectSources(root).changedSince('--output=x')).toBeNull();
  });
});
