import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTimers, pipelineById } from '../../store/index.ts';
import { createPipelineRefs } from '../git/index.ts';
import { client } from '../git/test-support/git-server.ts';
import { eventually, finishJob, type GivenJob, takeJob } from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { createCommitKeeper, RELEASE_COMMIT } from './commit-keeper.ts';

test('a job fetches its commit when its branch is gone', async () => {
  const tested = await startTestedServer();
  await pushTopic(tested);
  await git(tested, 'push', '--quiet', 'origin', ':topic');
  const job = await takeJob(tested);
  expect(refspecsOf(job)).toEqual(['+refs/pipelines/1:refs/pipelines/1']);
  expect(await fetchAs(job)).toBe(await shaOf(tested));
  expect((await git(tested, 'ls-remote', 'origin')).stdout).not.toContain('refs/pipelines');
});

test('a job fetches its commit when its branch was pushed over, and the branch beside it', async () => {
  const tested = await startTestedServer();
  await pushTopic(tested);
  const job = await takeJob(tested);
  await git(tested, 'commit', '--quiet', '--amend', '-m', 'Another');
  await git(tested, 'push', '--quiet', '--force', 'origin', 'topic');
  expect(refspecsOf(job)[1]).toBe('+refs/heads/topic:refs/remotes/origin/topic');
  expect(await fetchAs(job)).toBe(await shaOf(tested));
});

test('the ref goes a while after the pipeline, and is there again for a job that is retried', async () => {
  const tested = await startTestedServer();
  await pushTopic(tested);
  const { store, clock, commits, repositories, pipelines } = tested.server.parts;
  const keeper = createCommitKeeper({
    ...{ store, clock, commits },
    timers: createTimers(store, clock),
    refs: createPipelineRefs(repositories),
    failed: (error) => {
      throw error;
    },
  });
  const body = RELEASE_COMMIT.write({ pipelineId: 1, projectId: tested.projectId, iid: 1 });
  const due = { kind: RELEASE_COMMIT.name, key: '1', dueAt: 0, body, lease: '' };
  await keeper.releaseDue(due);
  expect(await refOf(tested)).toBe(await shaOf(tested));

  await finishJob(tested, await takeJob(tested));
  const timers = () =>
    store.read((db) =>
      db.selectFrom('timers').select('due_at').where('kind', '=', RELEASE_COMMIT.name).execute(),
    );
  await eventually(timers).toHaveLength(1);
  await keeper.releaseDue(due);
  await keeper.releaseDue(due);
  expect(await refOf(tested)).toBeNull();

  await git(tested, 'push', '--quiet', 'origin', ':topic');
  await pipelines.apply(1, [{ type: 'job-retried', job: 'build', variables: null }]);
  expect(await fetchAs(await takeJob(tested))).toBe(await shaOf(tested));
});

test('a push without a pipeline, or with one that could not be made, leaves no ref', async () => {
  const tested = await startTestedServer();
  await tested.push({ '.gitlab-ci.yml': 'build:\n  rules: [{when: never}]\n  script: [make]\n' });
  await tested.push({ '.gitlab-ci.yml': 'build:\n  scripts: [make]\n' });
  const folder = tested.server.parts.repositories.folderOf(tested.projectId);
  await eventually(async () => (await client(folder, 'for-each-ref', 'refs/pipelines')).stdout).toBe('');
});

async function pushTopic(tested: TestedServer): Promise<void> {
  await tested.push({ first: '1' });
  await git(tested, 'checkout', '--quiet', '-b', 'topic');
  await writeFile(join(tested.clone, '.gitlab-ci.yml'), 'build:\n  script: [make]\n');
  await git(tested, 'add', '--all');
  await git(tested, 'commit', '--quiet', '-m', 'Topic');
  await git(tested, 'push', '--quiet', 'origin', 'topic');
}

function git({ clone }: TestedServer, ...args: readonly string[]) {
  return client(clone, ...args);
}

async function shaOf({ server }: TestedServer): Promise<string | undefined> {
  return (await server.parts.store.read((db) => pipelineById(db, 1)))?.sha;
}

function refOf({ server, projectId }: TestedServer): Promise<string | null> {
  return server.parts.commits.resolve(projectId, 'refs/pipelines/1');
}

function refspecsOf({ wire }: GivenJob): readonly string[] {
  const info = wire.git_info;
  const specs = typeof info === 'object' && info !== null && 'refspecs' in info ? info.refspecs : [];
  return Array.isArray(specs) ? specs.map(String) : [];
}

/** Does as a runner does. Answers with the commit that the pipeline's ref has then. */
async function fetchAs(job: GivenJob): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-runner-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const info = job.wire.git_info;
  const url = typeof info === 'object' && info !== null && 'repo_url' in info ? String(info.repo_url) : '';
  await client(folder, 'init', '--quiet');
  const fetched = await client(folder, 'fetch', '--quiet', '--depth', '20', url, ...refspecsOf(job));
  expect(fetched).toMatchObject({ code: 0, stderr: '' });
  return (await client(folder, 'rev-parse', 'refs/pipelines/1')).stdout.trim();
}
