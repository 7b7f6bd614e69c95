import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { artifactsOf, type Store } from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import { client } from '../git/test-support/git-server.ts';
import { administratorToken, type RunningServer, startServer } from '../index.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { restoreBackup, takeBackup } from './index.ts';

/** Where a server keeps its database and its files; absent: in its data folder. */
export interface Places {
  readonly database?: string;
  readonly blobs?: string;
}

/** A server in some places is backed up while it works, and comes back in others. */
export function testBackup(name: string, from: () => Promise<Places>, to: () => Promise<Places>): void {
  test(`a backup of a server at work: ${name}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-backup-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const dataFolder = join(folder, 'data');
    const places = { dataFolder, ...(await from()) };
    const tested = await startTestedServer(places);
    const { token } = await administratorToken(tested.server.parts, dataFolder);
    await tested.push({ '.gitlab-ci.yml': PIPELINE });
    const done = await runOneJob(tested, 'A'.repeat(100_000));
    expect(done).toBe('build');

    const before = await numberOfPipelines(tested.server.parts.store);
    const work = workUntil(tested);
    await expect.poll(() => numberOfPipelines(tested.server.parts.store), PATIENCE).toBeGreaterThan(before);
    const file = join(folder, 'backup');
    await takeBackup({ ...places, file, replace: false, program: 'test', clock: systemClock });
    work.stop();
    await work.ended;
    await tested.server[Symbol.asyncDispose]();

    const restored = { dataFolder: join(folder, 'again'), ...(await to()) };
    await restoreBackup({ ...restored, file, clock: systemClock });
    const server = await startServer({
      ...restored,
      ...{ host: '127.0.0.1', port: 0 },
      log: { level: 'warn', write: (line) => process.stderr.write(line) },
    });
    onTestFinished(() => server[Symbol.asyncDispose]());

    expect((await administratorToken(server.parts, restored.dataFolder)).token).toBe(token);
    expect(await logOf(server, 1)).toBe('A'.repeat(100_000));
    expect(await artifactOf(server, 1)).toBe('B'.repeat(3_000_000));
    await expectWhole(server, tested);
    await expectPush(server, tested, folder);
  });
}

/** Under load of its own, on a machine that has more to do. */
const PATIENCE = { timeout: 15_000 };

const PIPELINE = 'build:\n  script: [make]\n  artifacts: {paths: [out]}\n';

/** Pushes, and runs what was pushed, for as long as nobody stops it. */
function workUntil(tested: TestedServer): { stop(): void; readonly ended: Promise<unknown> } {
  let stopped = false;
  const pushes = async () => {
    for (let count = 0; !stopped; count += 1) await tested.push({ count: String(count) });
  };
  const jobs = async () => {
    while (!stopped) await runOneJob(tested, 'C'.repeat(10_000));
  };
  const ended = Promise.all([pushes(), jobs()]);
  return {
    stop() {
      stopped = true;
    },
    ended,
  };
}

/** Takes a job, logs, uploads and ends it. Answers with its name; null when there was none. */
async function runOneJob({ ask, runnerToken, server }: TestedServer, log: string): Promise<string | null> {
  const body = {
    token: runnerToken,
    system_id: 's_1',
    info: { features: { variables: true, artifacts: true } },
  };
  const { status, json } = await ask('POST', '/jobs/request', body);
  if (status !== 201) return null;
  const [id, token] = [Number(json.id), String(json.token)];
  const headers = { 'JOB-TOKEN': token, 'Content-Range': `0-${log.length - 1}` };
  expect(await ask('PATCH', `/jobs/${id}/trace`, log, headers)).toMatchObject({ status: 202 });
  const form = new FormData();
  form.append('file', new Blob(['B'.repeat(3_000_000)]), 'artifacts.zip');
  const query = 'artifact_format=zip&artifact_type=archive&expire_in=never';
  const url = `${server.address}/api/v4/jobs/${id}/artifacts?${query}`;
  const sent = await fetch(url, { method: 'POST', body: form, headers: { 'JOB-TOKEN': token } });
  expect([sent.status, await sent.text()]).toMatchObject([201, expect.anything()]);
  expect(await ask('PUT', `/jobs/${id}`, { token, state: 'success' })).toMatchObject({ status: 200 });
  const { name } = Object(json.job_info);
  return String(name);
}

async function numberOfPipelines(store: Store): Promise<number> {
  const row = await store.read((db) =>
    db
      .selectFrom('pipelines')
      .select((query) => query.fn.countAll().as('n'))
      .executeTakeFirstOrThrow(),
  );
  return Number(row.n);
}

/** Every commit, log and artifact that the restored rows name is there, and no pipeline was made of what was pushed later. */
async function expectWhole(
  { parts: { store, repositories, blobs } }: RunningServer,
  tested: TestedServer,
): Promise<void> {
  const rows = await store.read((db) =>
    db
      .selectFrom('jobs')
      .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
      .select(['jobs.id', 'jobs.status', 'pipelines.sha', 'pipelines.iid'])
      .orderBy('jobs.id')
      .execute(),
  );
  expect(rows.map(({ iid }) => iid)).toEqual(rows.map((_, index) => index + 1));
  const folder = repositories.folderOf(tested.projectId);
  for (const { id, status, sha } of rows) {
    expect(await client(folder, 'cat-file', '-t', sha)).toMatchObject({ code: 0, stdout: 'commit\n' });
    if (status !== 'success') continue;
    expect(await blobs.traces.size(traceKey(id))).toBeGreaterThanOrEqual(10_000);
    const artifacts = await store.read((db) => artifactsOf(db, [id], { type: 'archive', now: 0 }));
    expect(artifacts).toHaveLength(1);
    for (const { blob } of artifacts)
      expect(await blobs.get(blob).then((found) => found?.size)).toBe(3_000_000);
  }
  const tip = (await client(folder, 'rev-parse', 'refs/heads/main')).stdout.trim();
  expect(tip).toBe(rows.at(-1)?.sha);
  expect((await client(folder, 'fsck', '--connectivity-only')).code).toBe(0);
}

/** Somebody clones, sees the newest pipeline's commit, and pushes: another pipeline, with the next number. */
async function expectPush(server: RunningServer, tested: TestedServer, folder: string): Promise<void> {
  const before = await numberOfPipelines(server.parts.store);
  const url = new URL(`${server.address}/team/app.git`);
  url.username = 'root';
  url.password = tested.adminToken;
  const clone = join(folder, 'clone-again');
  expect(await client(folder, 'clone', '--quiet', url.href, clone)).toMatchObject({ code: 0 });
  await client(clone, 'commit', '--quiet', '--allow-empty', '-m', 'After it');
  const pushed = await client(clone, 'push', 'origin', 'HEAD:main');
  expect(pushed.stderr).toMatch(/Pipeline #\d+ for main/);
  expect(await numberOfPipelines(server.parts.store)).toBe(before + 1);
}

async function logOf({ parts: { blobs } }: RunningServer, jobId: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.traces.read(traceKey(jobId))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function artifactOf({ parts: { store, blobs } }: RunningServer, jobId: number): Promise<string> {
  const [kept] = await store.read((db) => artifactsOf(db, [jobId], { type: 'archive', now: 0 }));
  const blob = await blobs.get(kept?.blob ?? 'none');
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob?.content ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
