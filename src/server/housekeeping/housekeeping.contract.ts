import { describe, expect, test } from 'vitest';
import { artifactsOf, jobById, latestJobs, pipelineById, updateProject } from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { client } from '../git/test-support/git-server.ts';
import { finishJob, type GivenJob, takeIfAny, takeJob } from '../test-support/driven-jobs.ts';
import { movedClock } from '../test-support/moved-clock.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { createAbandonedUploads } from './abandoned-uploads.ts';
import { createArtifactExpiry } from './expire-artifacts.ts';
import { createStuckJobs } from './stuck-jobs.ts';

const FILE = 'build: {script: [make], artifacts: {paths: [out], expire_in: 1 hour}}\n';
const HOUR = 3600_000;

/** What is taken away by itself, and what is deleted. */
export function describeHousekeeping(databases: TestDatabases): void {
  describe(`housekeeping on ${databases.name}`, () => {
    test('artifacts go when their time is over, with their files; those of the newest success stay', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      const first = await built(tested);
      const second = await built(tested);
      clock.forward(30 * HOUR);
      await expire(tested);
      expect(await artifactTypes(tested, first)).toEqual([]);
      expect(await artifactTypes(tested, second)).toEqual(['archive']);
      await settled(tested);
      expect(await blobs(tested)).toHaveLength(1);

      // A later failure changes nothing; a later success does.
      const failed = await built(tested, 'failed');
      await expire(tested);
      expect(await artifactTypes(tested, second)).toEqual(['archive']);
      expect(await artifactTypes(tested, failed)).toEqual(['archive']);
      const third = await built(tested);
      await expire(tested);
      expect(await artifactTypes(tested, second)).toEqual([]);
      expect(await artifactTypes(tested, third)).toEqual(['archive']);
      await settled(tested);
      expect(await blobs(tested)).toHaveLength(2);
    });

    test('all of them go when the project does not want to keep the newest, or the branch is gone', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      const onMain = await built(tested);
      await client(tested.clone, 'push', 'origin', 'main:topic');
      const onTopic = await takeAndFinish(tested);
      clock.forward(30 * HOUR);
      await expire(tested);
      expect(await artifactTypes(tested, onTopic)).toEqual(['archive']);
      await client(tested.clone, 'push', 'origin', ':topic');
      await expire(tested);
      expect(await artifactTypes(tested, onTopic)).toEqual([]);
      expect(await artifactTypes(tested, onMain)).toEqual(['archive']);
      const { store } = tested.server.parts;
      const settings = { keepLatestArtifacts: false };
      await store.write(({ db }) => updateProject(db, tested.projectId, { settings }));
      await expire(tested);
      expect(await artifactTypes(tested, onMain)).toEqual([]);
    });

    test('a job that no runner could take is given up after a day, one that runners are busy for is not', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({
        database: await databases.create(),
        clock,
        log: { level: 'error', write: () => undefined },
      });
      await tested.push({
        '.gitlab-ci.yml': 'a: {script: [x], tags: [none]}\nb: {script: [x]}\nc: {script: [x]}\n',
      });
      const look = () =>
        createStuckJobs({ ...tested.server.parts, stuckMs: 24 * HOUR, remark: () => undefined }).look();
      await takeJob(tested);
      await look();
      expect(await statuses(tested)).toMatchObject({ a: 'pending' });
      clock.forward(25 * HOUR);
      // The runner is there, and asks for nothing else.
      await tested.ask('POST', '/runners/verify', { token: tested.runnerToken, system_id: 's_1' });
      await look();
      const after = await statuses(tested);
      expect(after.a).toBe('failed');
      expect(Object.values(after).filter((status) => status === 'pending')).toHaveLength(1);
      const [row] = await tested.server.parts.store.read((db) => latestJobs(db, 1));
      expect(row?.failure_reason).toBe('stuck_or_timeout_failure');
    });

    test('what an upload that was cut off has left goes after a day', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      const { store, blobs: kept } = tested.server.parts;
      await store.write(({ db }) =>
        db.insertInto('uploads').values({ blob: 'artifacts/0/9/x', started_at: clock.now() }).execute(),
      );
      await kept.put('artifacts/0/9/x', bytes('half'));
      const look = () => createAbandonedUploads(tested.server.parts).look();
      await look();
      expect(await blobs(tested)).toHaveLength(1);
      clock.forward(25 * HOUR);
      await look();
      await settled(tested);
      expect(await blobs(tested)).toEqual([]);
      // One that ends well leaves nothing to look for.
      await built(tested);
      expect(await store.read((db) => db.selectFrom('uploads').selectAll().execute())).toEqual([]);
    });

    test('a pipeline is deleted with its files, and gives back what it had', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      const file = 'deploy: {script: [x], resource_group: one, artifacts: {paths: [out]}}\n';
      await tested.push({ '.gitlab-ci.yml': file });
      const first = await takeJob(tested);
      await log(tested, first, 'hello\n');
      await upload(tested, first);
      await tested.push({ a: '1' });
      expect(await takeIfAny(tested)).toBeNull();
      const { deletion, store, blobs: kept } = tested.server.parts;
      expect(await deletion.pipeline(1)).toBe(true);
      expect(await deletion.pipeline(1)).toBe(false);
      expect(await store.read((db) => pipelineById(db, 1))).toBeNull();
      expect(await store.read((db) => jobById(db, first.id))).toBeNull();
      // The second one has its turn.
      expect((await takeJob(tested)).name).toBe('deploy');
      await settled(tested);
      expect(await blobs(tested)).toEqual([]);
      expect(await kept.traces.size(`logs/0/${first.id}.log`)).toBe(0);
      // Its runner is told.
      const answer = await tested.ask('PUT', `/jobs/${first.id}`, { token: first.token, state: 'success' });
      expect(answer.status).toBe(404);
    });

    test('a project is deleted with all that belongs to it', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      const job = await built(tested);
      const { deletion, store, repositories } = tested.server.parts;
      expect(await deletion.project(tested.projectId)).toBe(true);
      expect(await deletion.project(tested.projectId)).toBe(false);
      await settled(tested);
      expect(await store.read((db) => db.selectFrom('projects').select('id').execute())).toEqual([]);
      expect(await store.read((db) => jobById(db, job.id))).toBeNull();
      expect(await blobs(tested)).toEqual([]);
      expect(await repositories.exists(tested.projectId)).toBe(false);
    });
  });
}

let change = 0;

/** A push, and its job, which leaves an archive. */
async function built(tested: TestedServer, how: 'success' | 'failed' = 'success'): Promise<GivenJob> {
  change += 1;
  await tested.push({ '.gitlab-ci.yml': FILE, changed: String(change) });
  return takeAndFinish(tested, how);
}

async function takeAndFinish(tested: TestedServer, how: 'success' | 'failed' = 'success'): Promise<GivenJob> {
  const job = await takeJob(tested);
  await upload(tested, job);
  await finishJob(tested, job, { state: how, failure_reason: 'script_failure' });
  return job;
}

async function upload({ server }: TestedServer, { id, token }: GivenJob): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob(['some bytes']), 'artifacts.zip');
  const response = await fetch(`${server.address}/api/v4/jobs/${id}/artifacts?expire_in=1+hour`, {
    method: 'POST',
    headers: { 'JOB-TOKEN': token },
    body: form,
  });
  expect(response.status).toBe(201);
}

async function log({ ask }: TestedServer, { id, token }: GivenJob, text: string): Promise<void> {
  const headers = { 'JOB-TOKEN': token, 'Content-Range': `0-${text.length - 1}` };
  expect(await ask('PATCH', `/jobs/${id}/trace`, text, headers)).toMatchObject({ status: 202 });
}

function expire({ server }: TestedServer): Promise<void> {
  return createArtifactExpiry(server.parts).look();
}

async function artifactTypes({ server }: TestedServer, { id }: GivenJob): Promise<readonly string[]> {
  const { store, clock } = server.parts;
  return (await store.read((db) => artifactsOf(db, [id], { now: clock.now() }))).map(({ type }) => type);
}

async function blobs({ server }: TestedServer): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key } of server.parts.blobs.list('')) found.push(key);
  return found;
}

async function statuses({ server }: TestedServer): Promise<Readonly<Record<string, string>>> {
  const rows = await server.parts.store.read((db) => latestJobs(db, 1));
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}

/** When nothing is left to carry out. */
async function settled({ server }: TestedServer): Promise<void> {
  const left = () => server.parts.store.read((db) => db.selectFrom('outbox').select('topic').execute());
  await expect.poll(left, { timeout: 8000 }).toEqual([]);
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
