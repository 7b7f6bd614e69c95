import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeSources } from '../../config/test-support/sources-contract.ts';
import { NOTHING_ELSEWHERE } from '../includes/nothing-elsewhere.ts';
import { commitSources } from './commit-sources.ts';

const made: string[] = [];

describeSources('commitSources', async (files) => {
  const root = await project(files);
  return commitSources(root, git(root, 'rev-parse', 'HEAD'), NOTHING_ELSEWHERE);
});

test('what came after the commit is not seen, and a link is not followed', async () => {
  const root = await project({ 'a.yml': 'old' });
  await symlink('/etc/passwd', join(root, 'link.yml'));
  git(root, 'add', '--all');
  git(root, ...AUTHOR, 'commit', '--quiet', '-m', 'Link');
  const commit = git(root, 'rev-parse', 'HEAD');
  git(root, 'branch', 'before', 'HEAD~1');
  await writeFile(join(root, 'a.yml'), 'new');
  const sources = commitSources(root, commit, NOTHING_ELSEWHERE);
  expect(await sources.readFile('a.yml')).toEqual({ kind: 'text', text: 'old' });
  expect(await sources.readFile('link.yml')).toEqual({ kind: 'absent' });
  expect(await sources.changedSince('before')).toEqual(['link.yml']);
});

afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-contract-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  execFileSync('git', ['init', '-q', root]);
  git(root, 'add', '--all');
  git(root, ...AUTHOR, 'commit', '--quiet', '-m', 'All');
  return root;
}

const AUTHOR = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

function git(root: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}
