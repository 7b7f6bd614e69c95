import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRepositories, type Repositories } from '../repositories.ts';
import { type Commits, openCommits } from './commits.ts';
import { git, NOBODY, putCommit } from './test-support/hosted.ts';

let root: string;
let folder: string;
let repositories: Repositories;
let commits: Commits;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-commits-'));
  repositories = await openRepositories(root);
  await repositories.create(1, 'main');
  folder = repositories.folderOf(1);
  commits = openCommits(repositories);
});
afterEach(async () => {
  commits.close();
  await rm(root, { recursive: true });
});

async function sourcesAt(sha: string) {
  const sources = await commits.sources(1, sha, NOBODY);
  if (sources === null) throw new Error(`There is no ${sha}.`);
  return sources;
}

describe('files of a commit', () => {
  test('of every kind', async () => {
    const sha = await putCommit(folder, 'refs/heads/main', {
      'kept.yml': 'kept: ü\n',
      'latin1.yml': Buffer.from([0x61, 0xe4]),
      'large.yml': Buffer.alloc(6_000_000, 'a'),
      'huge.bin': Buffer.alloc(40_000_000, 'b'),
      'nearly.yml': Buffer.alloc(5_000_000, 'a'),
      'link.yml': { mode: '120000', content: 'kept.yml' },
      'away.yml': { mode: '120000', content: '/etc/hostname' },
      'up.yml': { mode: '120000', content: '../../../../etc/hostname' },
      'circle.yml': { mode: '120000', content: 'circle.yml' },
      module: { mode: '160000', content: '1'.repeat(40) },
      'deep/er/x.yml': 'x',
      '-o.yml': 'dash',
      'a b\tc.yml': 'space',
      'HEAD:kept.yml': 'colon',
    });
    const sources = await sourcesAt(sha);
    const paths = {
      'kept.yml': { kind: 'text', text: 'kept: ü\n' },
      './deep/../kept.yml': { kind: 'text', text: 'kept: ü\n' },
      'large.yml': { kind: 'too-large', bytes: 6_000_000, limit: 5_000_000 },
      'latin1.yml': { kind: 'not-utf8', line: 1, column: 2 },
      'huge.bin': { kind: 'too-large', bytes: 40_000_000, limit: 5_000_000 },
      'link.yml': { kind: 'text', text: 'kept: ü\n' },
      'away.yml': { kind: 'absent' },
      'up.yml': { kind: 'absent' },
      'circle.yml': { kind: 'absent' },
      module: { kind: 'absent' },
      deep: { kind: 'absent' },
      '-o.yml': { kind: 'text', text: 'dash' },
      'a b\tc.yml': { kind: 'text', text: 'space' },
      'HEAD:kept.yml': { kind: 'text', text: 'colon' },
      'kept.yml\nHEAD:kept.yml': { kind: 'absent' },
      ['x'.repeat(100_000)]: { kind: 'absent' },
    };
    // All at once: the ones behind a large file are asked for again.
    const found = await Promise.all(Object.keys(paths).map((path) => sources.readFile(path)));
    expect(Object.fromEntries(Object.keys(paths).map((path, at) => [path, found[at]]))).toEqual(paths);
    expect(await sources.readFile('nearly.yml')).toMatchObject({ kind: 'text' });
    expect(await sources.listFiles()).toEqual(
      ['-o.yml', 'HEAD:kept.yml', 'a b\tc.yml', 'away.yml', 'circle.yml', 'deep/er/x.yml', 'huge.bin'].concat(
        ['kept.yml', 'large.yml', 'latin1.yml', 'link.yml', 'nearly.yml', 'up.yml'],
      ),
    );
  });

  test('are those of that commit, also when others are pushed while git is asked', async () => {
    const one = await putCommit(folder, 'refs/heads/main', { 'a.yml': 'one' });
    const sources = await sourcesAt(one);
    expect(await sources.readFile('a.yml')).toEqual({ kind: 'text', text: 'one' });
    const two = await putCommit(folder, 'refs/heads/main', { 'a.yml': 'two', 'b.yml': '' }, { parent: one });
    expect(await (await sourcesAt(two)).readFile('a.yml')).toEqual({ kind: 'text', text: 'two' });
    expect(await commits.resolve(1, 'main')).toBe(two);
    expect(await sources.listFiles()).toEqual(['a.yml']);
    expect(await sources.changedSince('main')).toEqual([]);
    expect(await (await sourcesAt(two)).changedSince(one)).toEqual(['a.yml', 'b.yml']);
    expect(await commits.readFileAtRef(1, 'main', 'a.yml')).toEqual({ kind: 'text', text: 'two' });
    expect(await commits.readFileAtRef(1, 'none', 'a.yml')).toBeNull();
  });

  test('that stand for more than anybody can list are refused, and counted as all changed', async () => {
    const blob = git(folder, ['hash-object', '-w', '--stdin'], 'x');
    let tree = git(folder, ['mktree'], `100644 blob ${blob}\tfile\n`);
    const small = git(folder, ['commit-tree', '-m', 'small', tree]);
    for (let depth = 0; depth < 8; depth++) {
      const lines = Array.from({ length: 20 }, (_, index) => `040000 tree ${tree}\t${index}\n`);
      tree = git(folder, ['mktree'], lines.join(''));
    }
    const bomb = git(folder, ['commit-tree', '-m', 'bomb', tree]);
    await expect((await sourcesAt(bomb)).listFiles()).rejects.toMatchObject({ code: 'too-many-files' });
    expect(await commits.changedFiles(1, small, bomb)).toBeNull();
    expect(await commits.changedFiles(1, small, small)).toEqual([]);
  });

  test('fail when git cannot read them, and do so one by one', async () => {
    const sha = await putCommit(folder, 'refs/heads/main', { 'a.yml': 'a' });
    await rm(folder, { recursive: true });
    const read = Promise.allSettled([commits.resolve(1, sha), commits.resolve(1, sha)]);
    expect((await read).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(commits.resolve(1, sha)).rejects.toMatchObject({ code: 'git-failed' });
  });
});

describe('facts of a commit', () => {
  const branch = { name: 'main', kind: 'branch' } as const;

  test('are those of a pushed branch', async () => {
    const first = await putCommit(folder, 'refs/heads/main', { a: '1' });
    const message = 'Title ü\n\nText\n';
    const sha = await putCommit(folder, 'refs/heads/main', { a: '2' }, { parent: first, message });
    const request = { hash: sha, before: first, ref: branch, defaultBranch: 'main' };
    expect(await commits.facts(1, request)).toEqual({
      sha,
      beforeSha: first,
      message,
      author: 'Ada Ä <ada@example.com>',
      timestamp: '2023-11-14T23:43:20+01:30',
      tagMessage: null,
      defaultBranchBase: null,
    });
    expect(await commits.facts(1, { ...request, before: null })).toMatchObject({ beforeSha: '0'.repeat(40) });
  });

  test('know where a branch left the default branch', async () => {
    const base = await putCommit(folder, 'refs/heads/main', { a: '1' });
    const side = await putCommit(folder, 'refs/heads/side', { a: '2' }, { parent: base });
    await putCommit(folder, 'refs/heads/main', { a: '3' }, { parent: base });
    const other = await putCommit(folder, 'refs/heads/other', { a: '4' });
    const facts = (hash: string, name: string, defaultBranch: string) =>
      commits.facts(1, { hash, before: null, ref: { name, kind: 'branch' }, defaultBranch });
    expect(await facts(side, 'side', 'main')).toMatchObject({ defaultBranchBase: base });
    expect(await facts(other, 'other', 'main')).toMatchObject({ defaultBranchBase: null });
    expect(await facts(side, 'side', 'none')).toMatchObject({ defaultBranchBase: null });
  });

  test('are those of an annotated tag, without its signature', async () => {
    const sha = await putCommit(folder, 'refs/heads/main', { a: '1' });
    const signature = '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n';
    const tag = `object ${sha}\ntype commit\ntag v1\ntagger T <t@t> 1700000000 +0000\n\nRelease ü\n\nText\n${signature}`;
    const hash = git(folder, ['hash-object', '-t', 'tag', '-w', '--stdin'], tag);
    const ref = { name: 'v1', kind: 'tag' } as const;
    const request = { hash, before: sha, ref, defaultBranch: 'main' };
    expect(await commits.facts(1, request)).toMatchObject({
      ...{ sha, tagMessage: 'Release ü\n\nText', beforeSha: '0'.repeat(40) },
    });
    expect(await commits.facts(1, { ...request, hash: sha })).toMatchObject({ sha, tagMessage: null });
    const tree = git(folder, ['rev-parse', `${sha}^{tree}`]);
    expect(await commits.facts(1, { ...request, hash: tree })).toBeNull();
    expect(await commits.facts(1, { ...request, hash: '1'.repeat(40) })).toBeNull();
  });

  test.each([
    ['an encoding', 'T <t@t> 1700000000 +0000', 'encoding ISO-8859-1\n', '2023-11-14T22:13:20+00:00', 'ä'],
    [
      'an unknown encoding',
      'T <t@t> 1700000000 -0800',
      'encoding x-none\n',
      '2023-11-14T14:13:20-08:00',
      '\ufffd',
    ],
    ['a time beyond all', 'T <t@t> 999999999999999 +0000', '', '1970-01-01T00:00:00+00:00', '\ufffd'],
    ['no time', 'T <t@t>', '', '1970-01-01T00:00:00+00:00', '\ufffd'],
  ])('with %s', async (_name, person, more, timestamp, letter) => {
    const tree = git(folder, ['mktree'], '');
    const text = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n${more}\n\n`;
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0xe4])]);
    const hash = git(folder, ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], bytes);
    const found = await commits.facts(1, { hash, before: null, ref: branch, defaultBranch: 'main' });
    expect(found).toMatchObject({ author: 'T <t@t>', timestamp, message: `\n${letter}` });
  });
});

describe('changed files', () => {
  test('are those that git says', async () => {
    const before = await putCommit(folder, 'refs/heads/main', {
      same: '1',
      changed: '1',
      removed: '1',
      'dir/same': '1',
      'dir/x/changed': '1',
      'becomes-file/a/b': '1',
      'becomes-folder': '1',
      executable: '1',
      link: { mode: '120000', content: 'same' },
      module: { mode: '160000', content: '1'.repeat(40) },
      'ä\n"x': '1',
    });
    const after = await putCommit(folder, 'refs/heads/main', {
      same: '1',
      changed: '2',
      'dir/same': '1',
      'dir/x/changed': '2',
      'dir/y/new': '2',
      'becomes-file': '1',
      'becomes-folder/a': '1',
      executable: { mode: '100755', content: '1' },
      link: { mode: '120000', content: 'changed' },
      module: { mode: '160000', content: '2'.repeat(40) },
      'ä\n"x': '2',
    });
    const listed = git(folder, ['diff', '--name-only', '--no-renames', '-z', before, after]).split('\0');
    const changed = await commits.changedFiles(1, before, after);
    expect(changed).toEqual(listed.filter((path) => path !== '').sort());
    expect(changed).toHaveLength(12);
  });

  test('are unknown for a new branch, and when a commit is not there', async () => {
    const sha = await putCommit(folder, 'refs/heads/main', { a: '1' });
    expect(await commits.changedFiles(1, null, sha)).toBeNull();
    expect(await commits.changedFiles(1, '1'.repeat(40), sha)).toBeNull();
  });
});

test('processes end when nobody asks, and give way to others', async () => {
  const few = openCommits(repositories, { processes: 1, idleMs: 10 });
  await repositories.create(2, 'main');
  const sha = await putCommit(folder, 'refs/heads/main', { a: '1' });
  const other = await putCommit(repositories.folderOf(2), 'refs/heads/main', { b: '1' });
  for (let round = 0; round < 3; round++) {
    expect(await Promise.all([few.resolve(1, 'main'), few.resolve(2, 'main')])).toEqual([sha, other]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const asked = few.resolve(1, 'main');
  few.close();
  await expect(asked).rejects.toMatchObject({ code: 'git-failed' });
});
