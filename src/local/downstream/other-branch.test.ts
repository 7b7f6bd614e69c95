import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProject } from '../test-support/run-project.ts';

let folder: string;

/** Another project whose branches `main` and `topic` differ; `topic` is checked out, and changed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-branches-'));
  const other = join(folder, 'other');
  for (const path of [other, join(folder, 'own')]) mkdirSync(path);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', other, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args]);
  const pipeline = (word: string) => `tell: {script: 'cat word.txt; echo "${word} of $CI_COMMIT_REF_NAME"'}`;
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(other, '.gitlab-ci.yml'), pipeline('file'));
  writeFileSync(join(other, 'word.txt'), 'committed to main\n');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Main');
  git('checkout', '--quiet', '-b', 'topic');
  writeFileSync(join(other, '.gitlab-ci.yml'), pipeline('changed file'));
  writeFileSync(join(other, 'word.txt'), 'not committed\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a branch that is not checked out has the files of its commit', async () => {
  const { log, told } = await triggered('{project: group/other, strategy: depend}');
  expect(log).toContain('committed to main\n');
  expect(log).toContain('file of main');
  expect(told).toMatch(
    /runs for main, with the files of its commit [0-9a-f]{8}: .* has something else checked out/,
  );
});

test('the branch that is checked out has the files as they lie there', async () => {
  const { log, told } = await triggered('{project: group/other, branch: topic, strategy: depend}');
  expect(log).toContain('not committed\n');
  expect(log).toContain('changed file of topic');
  expect(told).toContain('runs for topic, with the files as they lie in');
});

async function triggered(trigger: string): Promise<{ readonly log: string; readonly told: string }> {
  const own = join(folder, 'own');
  writeFileSync(join(own, '.gitlab-ci.yml'), `go: {trigger: ${trigger}}`);
  const { passed, log, notices } = await runProject(own, folder, { 'group/other': join(folder, 'other') });
  expect(passed).toBe(true);
  return { log, told: notices.join('\n') };
}
