import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { traceKey } from '../../src/server/broker/trace-marks.ts';
import { artifactsOf, openBlobs } from '../../src/store/index.ts';
import { type Acknowledged, runUnderFire } from './loaded-runner.ts';
import { createPusher } from './pushing.ts';
import {
  addFooting,
  type Footing,
  type ServerPlace,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts';

/** The file is its own child, with other jobs. */
const PIPELINE = `
stages: [build, test, deploy]
.parent: &parent
  - if: $CI_PIPELINE_SOURCE != "parent_pipeline"
build: {stage: build, script: [make], rules: *parent}
lint: {stage: build, script: [make lint], rules: *parent}
test: {stage: test, script: [make test], rules: *parent}
parts:
  stage: test
  trigger: {include: .gitlab-ci.yml, strategy: depend}
  rules: *parent
deploy: {stage: deploy, script: [make deploy], resource_group: production, rules: *parent}
unit:
  script: [make unit]
  rules:
    - if: $CI_PIPELINE_SOURCE == "parent_pipeline"
`;

export interface Fire {
  readonly place?: Pick<ServerPlace, 'database' | 'storage' | 'environment'>;
  /** Servers that share the work; more than one needs a database and a storage that they can share. */
  readonly servers?: number;
  readonly rounds: number;
  /** Makes the disk that the servers' data is on. Answers with what takes it away. */
  readonly disk?: (folder: string) => Promise<() => Promise<void>>;
  /** What is done to them, round after round. */
  readonly hurt: (servers: FiredAt, round: number) => Promise<void>;
}

/** The servers of a fire, in processes of their own. */
export interface FiredAt {
  /** kill -9. */
  kill(index: number): Promise<void>;
  /** On its old address. */
  start(index: number): Promise<void>;
  /** What the clock of one of them says, in milliseconds of Unix time. */
  timeOfDay(): Promise<number>;
  /** The servers' data. */
  readonly data: string;
}

/**
 * Pushes and runs jobs while the servers are hurt, at random moments; then everything that was acknowledged must be
 * there, once, and every pipeline must have come to its end.
 */
export async function expectNothingLostUnderFire({
  place: given = {},
  servers = 1,
  rounds,
  disk,
  hurt,
}: Fire): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'));
  const place: ServerPlace = {
    ...given,
    data: join(folder, 'data'),
    arguments: ['--lost-runner-after', '60s'],
  };
  await mkdir(place.data);
  const takeAway = await disk?.(place.data);
  const footing = await addFooting(place);
  const running: ServerProcess[] = [];
  try {
    for (let index = 0; index < servers; index += 1) running.push(await startServerProcess(place, 'bundle'));
    const ports = running.map(({ address }) => Number(new URL(address).port));
    // Who gets no answer from one asks the next, as behind a balancer.
    let asked = 0;
    const address = () => `http://127.0.0.1:${ports[asked++ % ports.length]}`;
    let isQuiet = false;
    let isOver = false;

    const runners = Array.from({ length: 6 }, (_, at) =>
      runUnderFire(address, footing.runnerToken, `s_${at}`, () => isOver),
    );
    const pushers = ['ada', 'bob'].map(async (name) => {
      const pusher = await createPusher(folder, name, address, footing.adminToken);
      const acknowledged: string[] = [];
      while (!isQuiet) {
        const sha = await pusher.push(PIPELINE);
        if (sha !== null) acknowledged.push(sha);
        await pause(1000);
      }
      return acknowledged;
    });

    const firedAt: FiredAt = {
      data: place.data,
      async timeOfDay() {
        const { headers } = await fetch(address());
        return Date.parse(headers.get('date') ?? '');
      },
      kill: async (index) => running[index]?.kill(),
      async start(index) {
        running[index] = await startServerProcess({ ...place, port: ports[index] ?? 0 }, 'bundle');
      },
    };
    for (let round = 0; round < rounds; round += 1) {
      await pause(100 + Math.random() * 1200);
      await hurt(firedAt, round);
    }
    isQuiet = true;
    const pushed = (await Promise.all(pushers)).flat();
    await expectAllRecorded(footing, pushed);
    await expectAllOver(footing);
    isOver = true;
    const jobs = (await Promise.all(runners)).flat();
    for (const server of running) await server.stop();

    expect(pushed.length).toBeGreaterThan(rounds / 5);
    expect(jobs.filter(({ finished }) => finished).length).toBeGreaterThan(rounds / 5);
    await expectPushesKept(footing, pushed);
    await expectJobsKept(footing, jobs, place);
    await expectOneSuccessEach(footing);
    await expectOneChildEach(footing);
  } finally {
    for (const { child } of running) child.kill('SIGKILL');
    await footing.store[Symbol.asyncDispose]();
    await takeAway?.();
    await rm(folder, { recursive: true, force: true });
  }
}

async function expectAllOver({ store }: Footing): Promise<void> {
  const open = () =>
    store.read(async (db) => {
      const rows = await db
        .selectFrom('pipelines')
        .select(['id', 'status'])
        .where('status', 'not in', ['success', 'failed', 'canceled', 'skipped'])
        .execute();
      return rows.length;
    });
  await expect.poll(open, { timeout: 600_000, interval: 500 }).toBe(0);
}

/** A push that could not be recorded when it came is looked for again when what was away is back. */
async function expectAllRecorded({ store }: Footing, pushed: readonly string[]): Promise<void> {
  const missing = () =>
    store.read(async (db) => {
      const rows = await db.selectFrom('pipelines').select('sha').execute();
      const made = new Set(rows.map(({ sha }) => sha));
      return pushed.filter((sha) => !made.has(sha));
    });
  await expect.poll(missing, { timeout: 60_000, interval: 500 }).toEqual([]);
}

/** Every push whose author was told that it was taken has one pipeline, and no commit has two. */
async function expectPushesKept({ store }: Footing, pushed: readonly string[]): Promise<void> {
  const rows = await store.read((db) =>
    db.selectFrom('pipelines').select('sha').where('parent_job_id', 'is', null).execute(),
  );
  const bySha = Map.groupBy(rows, ({ sha }) => sha);
  expect(pushed.filter((sha) => bySha.get(sha) === undefined)).toEqual([]);
  expect([...bySha].filter(([, some]) => some.length > 1).map(([sha]) => sha)).toEqual([]);
}

async function expectJobsKept(
  { store }: Footing,
  jobs: readonly Acknowledged[],
  place: ServerPlace,
): Promise<void> {
  await using blobs = await openBlobs({ place: place.storage ?? join(place.data, 'files') });
  for (const job of jobs) {
    const row = await store.read((db) =>
      db.selectFrom('jobs').select(['status']).where('id', '=', job.jobId).executeTakeFirstOrThrow(),
    );
    if (job.finished) expect(row.status).toBe('success');
    const log = await bytesOf(blobs.traces.read(traceKey(job.jobId)));
    expect(log.subarray(0, job.log.length).equals(job.log)).toBe(true);
    if (job.artifactSha256 === null) continue;
    const [kept] = await store.read((db) => artifactsOf(db, [job.jobId], { type: 'archive', now: 0 }));
    const blob = await blobs.get(kept?.blob ?? 'missing');
    const sha256 = createHash('sha256')
      .update(await bytesOf(blob?.content ?? none()))
      .digest('hex');
    expect(sha256).toBe(job.artifactSha256);
  }
}

async function expectOneSuccessEach({ store }: Footing): Promise<void> {
  const rows = await store.read((db) =>
    db.selectFrom('jobs').select(['pipeline_id', 'name']).where('status', '=', 'success').execute(),
  );
  const counted = Map.groupBy(rows, ({ pipeline_id, name }) => `${pipeline_id} ${name}`);
  expect([...counted].filter(([, some]) => some.length > 1).map(([job]) => job)).toEqual([]);
}

/** A trigger job that was carried out has one child, and stands as that does. */
async function expectOneChildEach({ store }: Footing): Promise<void> {
  const rows = await store.read((db) =>
    db
      .selectFrom('jobs')
      .leftJoin('pipelines', 'pipelines.parent_job_id', 'jobs.id')
      .select(['jobs.id', 'jobs.status', 'pipelines.status as child'])
      .where('jobs.kind', '=', 'bridge')
      .where('jobs.has_downstream', '=', 1)
      .execute(),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.filter(({ status, child }) => status !== child)).toEqual([]);
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Nothing is there.
}

async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
