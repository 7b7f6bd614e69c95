import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommitSources, commitSources } from './commit-sources.ts';
import { commitFiles, git } from './test-support/repositories.ts';

let root = '';
let first: CommitSources;
let inside: CommitSources;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-commit-'));
  await symlink('kept.yml', join(root, 'link.yml'));
  await symlink('/etc/hostname', join(root, 'away.yml'));
  await symlink('circle.yml', join(root, 'circle.yml'));
  await symlink('none.yml', join(root, 'dangling.yml'));
  await commitFiles(root, { 'app/own.yml': 'own: 1\n' });
  await symlink('../kept.yml', join(root, 'app/beside.yml'));
  await commitFiles(root, {
    'kept.yml': 'kept: 1\n',
    'removed.yml': 'removed: ü\n',
    'empty.yml': '',
    'lines\nin.yml': 'x',
    'latin1.yml': Buffer.from([0x61, 0xe4]),
    'large.yml': Buffer.alloc(6_000_000, 'a'),
    'nearly.yml': Buffer.alloc(5_000_000, 'a'),
  });
  git(root, 'tag', 'one');
  git(root, 'rm', '-q', 'removed.yml');
  await commitFiles(root, { 'ci/new.yml': 'new: 1\n', 'app/own.yml': 'own: 2\n' });
  await writeFile(join(root, 'untracked.yml'), '');
  first = await commitSources(root, 'one');
  inside = await commitSources(join(root, 'app'), 'one');
});
afterAll(async () => {
  first.close();
  inside.close();
  await rm(root, { recursive: true });
});

describe('files of a project at a commit', () => {
  it.each<[string, object]>([
    ['kept.yml', { kind: 'text', text: 'kept: 1\n' }],
    ['./app/../kept.yml', { kind: 'text', text: 'kept: 1\n' }],
    ['removed.yml', { kind: 'text', text: 'removed: ü\n' }],
    ['empty.yml', { kind: 'text', text: '' }],
    ['link.yml', { kind: 'text', text: 'kept: 1\n' }],
    ['ci/new.yml', { kind: 'absent' }],
    ['untracked.yml', { kind: 'absent' }],
    ['away.yml', { kind: 'absent' }],
    ['circle.yml', { kind: 'absent' }],
    ['dangling.yml', { kind: 'absent' }],
    ['kept.yml/x', { kind: 'absent' }],
    ['app', { kind: 'absent' }],
    ['', { kind: 'absent' }],
    ['/kept.yml', { kind: 'absent' }],
    ['kept.yml\nHEAD:kept.yml', { kind: 'absent' }],
    ['latin1.yml', { kind: 'not-utf8', line: 1, column: 2 }],
    ['large.yml', { kind: 'too-large', bytes: 6_000_000, limit: 5_000_000 }],
  ])('%j', async (path, expected) => {
    expect(await first.readFile(path)).toEqual(expected);
  });

  it('reads files of all sizes one after the other, also after one that is too large', async () => {
    const paths = ['kept.yml', 'nearly.yml', 'none.yml', 'large.yml', 'empty.yml', 'link.yml', 'removed.yml'];
    const sources = await commitSources(root, 'one');
    const found = await Promise.all(paths.map((path) => sources.readFile(path)));
    sources.close();
    expect(found.map((file) => (file.kind === 'text' ? file.text.length : file.kind))).toEqual([
      ...[8, 5_000_000, 'absent', 'too-large', 0, 8, 11],
    ]);
  });

  it('lists the files of that commit', async () => {
    const files = await first.listFiles();
    expect(files).toContain('removed.yml');
    expect(files).not.toContain('ci/new.yml');
    expect(files).toEqual([...files].sort());
  });

  it('tells what differs from the merge base with a ref', async () => {
    const now = await commitSources(root, 'HEAD');
    expect(await now.changedSince('one')).toEqual(['app/own.yml', 'ci/new.yml', 'removed.yml']);
    expect(await first.changedSince('HEAD')).toEqual([]);
    now.close();
  });

  it('of a folder in the repository, nothing that is beside it', async () => {
    expect(await inside.listFiles()).toEqual(['beside.yml', 'own.yml']);
    expect(await inside.readFile('own.yml')).toEqual({ kind: 'text', text: 'own: 1\n' });
    expect(await inside.readFile('beside.yml')).toEqual({ kind: 'absent' });
    expect(await inside.readFile('../kept.yml')).toEqual({ kind: 'absent' });
  });

  it('of a folder that the commit does not have, nothing', async () => {
    const sources = await commitSources(join(root, 'ci'), 'one');
    expect(await sources.listFiles()).toEqual([]);
    expect(await sources.readFile('new.yml')).toEqual({ kind: 'absent' });
  });

  it('fails when there is no such commit, or the repository is gone', async () => {
    await expect(commitSources(root, '--help')).rejects.toThrow('There is no commit --help');
    const lost = join(root, 'lost');
    await commitFiles(lost, { 'a.yml': '' });
    const sources = await commitSources(lost, 'HEAD');
    await rm(lost, { recursive: true });
    await expect(sources.readFile('a.yml')).rejects.toThrow("git cannot read the repository's objects");
  });
});
