import { describe, expect, test } from 'vitest';
import {
  createMergeRequest,
  listPipelines,
  type MergeRequest,
  mergeRequestByIid,
} from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { client } from '../git/test-support/git-server.ts';
import { takeJob } from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { MERGE_REQUEST_ORDERS, orderPushed } from './merge-request-orders.ts';
import { createMergeRequestPipelines } from './merge-request-pipelines.ts';

const FILE = `
check:
  script: [make]
  interruptible: true
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      changes: [topic.txt]
branch:
  script: [make]
  rules:
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "topic" && $CI_OPEN_MERGE_REQUESTS
`;

/** Pipelines of merge requests. */
export function describeMergeRequests(databases: TestDatabases): void {
  describe(`merge requests on ${databases.name}`, () => {
    test('a push to the branch of an open merge request makes its pipeline, once', async () => {
      const tested = await withBranches(databases);
      await open(tested);
      const first = await takeJob(tested);
      expect(first.name).toBe('check');
      expect(first.variables).toMatchObject({
        CI_PIPELINE_SOURCE: 'merge_request_event',
        CI_MERGE_REQUEST_IID: '1',
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
        CI_MERGE_REQUEST_TITLE: 'Do it',
        CI_COMMIT_REF_NAME: 'topic',
        CI_OPEN_MERGE_REQUESTS: 'team/app!1',
      });
      expect(first.variables.CI_MERGE_REQUEST_DIFF_BASE_SHA).toBe(await hash(tested, 'main'));
      expect(await hash(tested, 'topic')).toBe(await remoteHash(tested, 'refs/merge-requests/1/head'));

      await pushTopic(tested, 'second');
      const jobs = [await takeJob(tested), await takeJob(tested)];
      expect(jobs.map(({ name }) => name).sort()).toEqual(['branch', 'check']);
      const made = await pipelines(tested);
      expect(made.map(({ source, ref }) => [source, ref])).toEqual([
        ['merge_request_event', 'refs/merge-requests/1/head'],
        ['push', 'topic'],
        ['merge_request_event', 'refs/merge-requests/1/head'],
      ]);
      // The older one is redundant; the branch's own pipeline is another matter.
      await expect.poll(async () => (await pipelines(tested)).at(-1)?.status).toBe('canceled');
      expect(await hash(tested, 'topic')).toBe(await remoteHash(tested, 'refs/merge-requests/1/head'));

      const work = createMergeRequestPipelines(tested.server.parts);
      const body = MERGE_REQUEST_ORDERS.write({ projectId: tested.projectId, name: 'topic' });
      await work.carryOut({ ...{ id: 1, topic: '', key: '', attempts: 1, lease: '' }, body });
      expect(await pipelines(tested)).toHaveLength(3);
    });

    test('a merge request whose commits are in its target is merged', async () => {
      const tested = await withBranches(databases);
      const request = await open(tested);
      await takeJob(tested);
      await client(tested.clone, 'push', 'origin', 'topic:main');
      await expect
        .poll(() =>
          tested.server.parts.store.read((db) => mergeRequestByIid(db, tested.projectId, request.iid)),
        )
        .toMatchObject({ state: 'merged', mergedAt: expect.any(Number) });
      await pushTopic(tested, 'after');
      await takeJobsLeft(tested);
      expect((await pipelines(tested)).map(({ source }) => source)).not.toContain('push');
    });

    test('branches without a commit in common count as changed everywhere', async () => {
      const tested = await withBranches(databases);
      await client(tested.clone, 'checkout', '--quiet', '--orphan', 'alone');
      await client(tested.clone, 'commit', '--quiet', '-m', 'Alone');
      await client(tested.clone, 'push', 'origin', 'alone');
      await open(tested, 'alone');
      const job = await takeJob(tested);
      expect(job.variables).toMatchObject({ CI_MERGE_REQUEST_DIFF_BASE_SHA: '' });
    });
  });
}

async function withBranches(databases: TestDatabases): Promise<TestedServer> {
  const tested = await startTestedServer({ database: await databases.create() });
  await tested.push({ '.gitlab-ci.yml': FILE });
  await pushTopic(tested, 'first');
  return tested;
}

async function pushTopic({ clone }: TestedServer, text: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  const exists = (await client(clone, 'checkout', '--quiet', 'topic')).code === 0;
  if (!exists) await client(clone, 'checkout', '--quiet', '-b', 'topic');
  await writeFile(`${clone}/topic.txt`, text);
  await client(clone, 'add', '--all');
  await client(clone, 'commit', '--quiet', '-m', text);
  const pushed = await client(clone, 'push', 'origin', 'topic');
  if (pushed.code !== 0) throw new Error(pushed.stderr);
}

async function open({ server, projectId }: TestedServer, sourceBranch = 'topic'): Promise<MergeRequest> {
  const { store, outbox, clock } = server.parts;
  const request = await store.write(async (tx) => {
    const made = await createMergeRequest(tx.db, {
      ...{ projectId, sourceBranch, targetBranch: 'main', title: 'Do it', description: '', labels: [] },
      ...{ sha: null, now: clock.now() },
    });
    await orderPushed(outbox, tx, { projectId, name: sourceBranch });
    return made;
  });
  if (request === null) throw new Error('There is one already');
  return request;
}

function pipelines({ server, projectId }: TestedServer) {
  return server.parts.store.read((db) => listPipelines(db, { projectId }, { limit: 10 }));
}

async function takeJobsLeft({ server }: TestedServer): Promise<void> {
  const left = () => server.parts.store.read((db) => db.selectFrom('outbox').select('id').execute());
  await expect.poll(left, { timeout: 8000 }).toEqual([]);
}

async function hash({ clone }: TestedServer, ref: string): Promise<string> {
  return (await client(clone, 'rev-parse', ref)).stdout.trim();
}

async function remoteHash({ clone }: TestedServer, ref: string): Promise<string> {
  return (await client(clone, 'ls-remote', 'origin', ref)).stdout.split('\t')[0] ?? '';
}
