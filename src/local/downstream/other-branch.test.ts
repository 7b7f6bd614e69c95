import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { readPipeline } from '../../config/index.ts';
import { contextForRun } from '../git-context.ts';
import { runLocally } from '../local-run.ts';
import { projectSources } from '../project-sources.ts';
import type { RunEvent } from '../run-events.ts';
import { stateFolders } from '../state-folders.ts';

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
  const repository = join(folder, 'own');
  writeFileSync(join(repository, '.gitlab-ci.yml'), `go: {trigger: ${trigger}}`);
  const context = await contextForRun({
    repository,
    source: 'push',
    ref: null,
    tag: false,
    target: null,
    variables: {},
    inputs: {},
    configPath: '.gitlab-ci.yml',
    now: new Date(),
  });
  const sources = projectSources(repository);
  const { plan, placeOf } = await readPipeline({ sources, file: '.gitlab-ci.yml', context });
  if (plan === null) throw new Error('The pipeline file of the test is wrong');
  const environment = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
  const events: RunEvent[] = [];
  const { passed } = await runLocally({
    repository,
    plan,
    context,
    sources,
    placeOf,
    projects: new Map([['group/other', join(folder, 'other')]]),
    executor: 'shell',
    defaultImage: null,
    sandbox: 'off',
    privileged: 'auto',
    concurrency: 1,
    manual: [],
    includeUncommitted: true,
    keep: null,
    folders: stateFolders(repository, environment),
    environment,
    clock: systemClock,
    listener: (event) => void events.push(event),
    cancel: new AbortController().signal,
    kill: new AbortController().signal,
  });
  expect(passed).toBe(true);
  const bytes = events.flatMap((event) => (event.type === 'job-log' ? [event.bytes] : []));
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { log: Buffer.concat(bytes).toString(), told: notices.join('\n') };
}
