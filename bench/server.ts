import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { latestJobs } from '../src/store/index.ts';
import { plainRunner } from '../test/server/plain-runner.ts';
import {
  addFooting,
  type Footing,
  type ServerPlace,
  type ServerProcess,
  startServerProcess,
} from '../test/server/server-process.ts';
import { privatePostgres } from '../test/store/private-postgres.ts';
import { startFleet } from './fleet.ts';
import { milliseconds, type Section } from './table.ts';

/** The whole server, in a process of its own, as people and runners use it: on SQLite and on PostgreSQL. */
export async function benchServer(): Promise<Section> {
  const postgres = await privatePostgres();
  try {
    const sqlite = await measure(undefined);
    const other = postgres === null ? null : await measure(await postgres.addDatabase());
    return {
      title: 'the server',
      note:
        'The real process and real git. A push is measured from the start of `git push` until the runner has its first job. ' +
        'No-op jobs are done by bare connections in a process of their own, which take a job, send a log of five bytes and ' +
        'say that it has passed; the processor time is that of the server alone. Of 10,000 runners that wait in two ' +
        'processes, each of 40 pushes wakes ten: the time is from the moment at which a job began to wait, as its row ' +
        'says, until all bytes of the answer are at its runner, which then asks again.',
      head: ['what', 'SQLite', 'PostgreSQL'],
      rows: sqlite.map(([what, value], at) => [what, value, other?.[at]?.[1] ?? 'not there']),
    };
  } finally {
    await postgres?.stop();
  }
}

type Row = readonly [what: string, value: string];

async function measure(database: string | undefined): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-server-'));
  const place: ServerPlace = { data: join(folder, 'data'), ...(database === undefined ? {} : { database }) };
  const footing = await addFooting(place);
  const began = performance.now();
  const server = await startServerProcess(place, 'bundle');
  await fetch(`${server.address}/-/health`);
  const rows: Row[] = [['cold start to the first answer', milliseconds(performance.now() - began)]];
  try {
    await pause(1000);
    rows.push(['memory of the idle server', await memory(server)]);
    const clone = await cloneOf(server, footing, folder);
    for (const bench of [pushes, noOpJobs, traces, waitingRunners, largePipeline, amongAMillion]) {
      const measured = await bench({ server, footing, clone });
      for (const row of measured) process.stderr.write(`${row.join(': ')}\n`);
      rows.push(...measured);
    }
    rows.push(['memory after all that', await memory(server)]);
  } finally {
    await server.stop();
    await footing.store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

interface Bench {
  readonly server: ServerProcess;
  readonly footing: Footing;
  readonly clone: string;
}

async function pushes({ server, footing, clone }: Bench): Promise<readonly Row[]> {
  const runner = plainRunner(() => server.address, footing.runnerToken);
  const times: number[] = [];
  const whole: number[] = [];
  for (let count = 0; count < 30; count += 1) {
    await commit(clone, 'job:\n  script: [make]\n');
    // Without knowing the state of the queue it is answered at once; from then on it waits.
    if ((await runner.take()) !== null) throw new Error('There is a job too many');
    const waiting = nextJob(runner);
    await pause(100);
    const begin = performance.now();
    const pushed = git(clone, 'push', '--quiet', 'origin', 'HEAD:main').then(() => {
      whole.push(performance.now() - begin);
    });
    const job = await waiting;
    times.push(performance.now() - begin);
    await pushed;
    await runner.finish(job, 'done\n');
  }
  runner.close();
  return [
    ['push to its first job, median', milliseconds(median(times))],
    ['the whole of git push, median', milliseconds(median(whole))],
  ];
}

async function nextJob(runner: ReturnType<typeof plainRunner>) {
  for (;;) {
    const job = await runner.take();
    if (job !== null) return job;
  }
}

async function noOpJobs({ server, footing, clone }: Bench): Promise<readonly Row[]> {
  const jobs = 3000;
  const order = { address: server.address, token: footing.runnerToken, name: 's', log: 'done\n' };
  await using fleet = await startFleet({ ...order, runners: 20 }, 1);
  // What waited before is done by now, and has been told.
  await pause(500);
  const [givenBefore, doneBefore] = [fleet.given.length, fleet.done()];
  await commit(clone, manyJobs(jobs));
  await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  await until(() => fleet.given.length > givenBefore);
  const [, begin = 0] = fleet.given[givenBefore] ?? [];
  const usedBefore = await processorTime(server);
  await until(() => fleet.done() >= doneBefore + jobs);
  const used = (await processorTime(server)) - usedBefore;
  const seconds = (performance.timeOrigin + performance.now() - begin) / 1000;
  return [
    ['no-op jobs a second, 20 runners', String(Math.round(jobs / seconds))],
    ['processor time of the server for each', milliseconds(used / jobs)],
  ];
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await pause(10);
}

async function waitingRunners({ server, footing, clone }: Bench): Promise<readonly Row[]> {
  const order = { address: server.address, token: footing.runnerToken, name: 's_w', log: '' };
  await using fleet = await startFleet({ ...order, runners: 10_000 }, 2);
  await pause(2000);
  const rounds = 40;
  const pushed: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await commit(clone, manyJobs(10));
    const begin = performance.timeOrigin + performance.now();
    await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
    await until(() => fleet.given.length >= round * 10);
    for (const [, at] of fleet.given.slice(-10)) pushed.push(at - begin);
    await pause(100);
  }
  const queued = await footing.store.read((db) =>
    db
      .selectFrom('jobs')
      .select(['id', 'queued_at'])
      .orderBy('id', 'desc')
      .limit(rounds * 10)
      .execute(),
  );
  const since = new Map(queued.map(({ id, queued_at: at }) => [id, at ?? 0]));
  const handed = fleet.given.map(([id, at]) => at - (since.get(id) ?? 0)).sort((a, b) => a - b);
  return [
    [
      `10,000 runners wait: a job from waiting to its runner, median of ${handed.length}`,
      milliseconds(median(handed)),
    ],
    ['the same, p99', milliseconds(handed[Math.floor(handed.length * 0.99)] ?? 0)],
    ['the same from the start of git push, median', milliseconds(median(pushed))],
    ['memory with them', await memory(server)],
  ];
}

async function traces({ server, footing, clone }: Bench): Promise<readonly Row[]> {
  const writers = 4;
  await commit(clone, manyJobs(writers));
  await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  const chunk = Buffer.alloc(1024 * 1024, 'a line of a log that somebody wrote\n');
  const each = 64;
  const runners = Array.from({ length: writers }, (_, at) =>
    plainRunner(() => server.address, footing.runnerToken, `s_t${at}`),
  );
  const jobs = await Promise.all(runners.map(nextJob));
  const begin = performance.now();
  await Promise.all(
    runners.map(async (runner, at) => {
      const job = jobs[at];
      if (job === undefined) return;
      for (let sent = 0; sent < each; sent += 1) {
        const start = sent * chunk.length;
        const answer = await runner.call('PATCH', `/jobs/${job.id}/trace`, chunk, {
          'JOB-TOKEN': job.token,
          'Content-Range': `${start}-${start + chunk.length - 1}`,
        });
        if (answer.status !== 202) throw new Error(`A log was answered with ${answer.status}`);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const [at, runner] of runners.entries()) {
    const job = jobs[at];
    if (job !== undefined)
      await runner.call('PUT', `/jobs/${job.id}`, { token: job.token, state: 'success' });
    runner.close();
  }
  return [['logs taken in, 4 at once', `${Math.round((writers * each) / seconds)} MB/s`]];
}

async function largePipeline({ footing, clone }: Bench): Promise<readonly Row[]> {
  await commit(clone, manyJobs(5000));
  const begin = performance.now();
  await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  const took = performance.now() - begin;
  const newest = await footing.store.read((db) =>
    db.selectFrom('pipelines').select('id').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow(),
  );
  const jobs = await footing.store.read((db) => latestJobs(db, newest.id));
  return [[`git push that makes a pipeline of ${jobs.length} jobs`, milliseconds(took)]];
}

/** A million finished jobs beside those of before: lists of them, and what a new job costs then. */
async function amongAMillion(bench: Bench): Promise<readonly Row[]> {
  const { server, footing } = bench;
  await addFinishedJobs(footing);
  const times: number[] = [];
  const lists = [
    'pipelines?per_page=20',
    'jobs?per_page=20',
    'pipelines?per_page=20&status=success',
    'jobs?per_page=100',
  ];
  for (let count = 0; count < 400; count += 1) {
    const begin = performance.now();
    const answer = await fetch(
      `${server.address}/api/v4/projects/${footing.projectId}/${lists[count % lists.length]}`,
      { headers: { 'PRIVATE-TOKEN': footing.adminToken } },
    );
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`A list was answered with ${answer.status}`);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const again = await noOpJobs(bench);
  return [
    ['lists among a million jobs, median', milliseconds(median(times))],
    ['the same, p99', milliseconds(times[Math.floor(times.length * 0.99)] ?? 0)],
    ...again.map(([what, value]): Row => [`among a million jobs: ${what}`, value]),
  ];
}

/** 10,000 pipelines of a hundred jobs each, by the database itself. */
async function addFinishedJobs({ store, projectId }: Footing): Promise<void> {
  const count = sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000)`;
  const jobs = sql`with recursive n (i) as (select 0 union all select i + 1 from n where i < 99)`;
  await store.write(async ({ db }) => {
    const { base } = await db
      .selectFrom('pipelines')
      .select(({ fn }) => fn.max('id').as('base'))
      .executeTakeFirstOrThrow();
    await sql`insert into pipelines (id, project_id, iid, status, started, version, stamp, source, ref, tag, protected, sha,
        context, created_at, finished_at, updated_at)
      ${count} select ${base} + i, ${projectId}, 1000000 + i, 'success', 1, 1, i, 'push', 'old', 0, 0, 'aaaa',
        (select context from pipelines where id = ${base}), 1, 2, 2 from n`.execute(db);
    await sql`insert into jobs (pipeline_id, project_id, position, attempt, latest, kind, name, stage, status, allow_failure,
        immediate, has_downstream, created_at, queued_at, started_at, finished_at)
      ${jobs} select p.id, ${projectId}, i, 1, 1, 'build', 'job', 'test', 'success', 0, 0, 0, 1, 1, 1, 2
      from pipelines p, n where p.ref = 'old'`.execute(db);
    if (store.dialect.name === 'postgres') {
      await sql`select setval(pg_get_serial_sequence('pipelines', 'id'), (select max(id) from pipelines))`.execute(
        db,
      );
    }
  });
}

function manyJobs(count: number): string {
  const jobs = Array.from({ length: count }, (_, at) => `job ${at}:\n  script: [make]\n`);
  return jobs.join('');
}

async function cloneOf(server: ServerProcess, footing: Footing, folder: string): Promise<string> {
  const url = new URL(`${server.address}/team/app.git`);
  url.username = 'root';
  url.password = footing.adminToken;
  const clone = join(folder, 'clone');
  await mkdir(clone);
  await git(clone, 'init', '--quiet', '--initial-branch=main');
  await git(clone, 'config', 'user.name', 'Bench');
  await git(clone, 'config', 'user.email', 'bench@localhost');
  await git(clone, 'remote', 'add', 'origin', url.href);
  return clone;
}

async function commit(clone: string, file: string): Promise<void> {
  await writeFile(join(clone, '.gitlab-ci.yml'), file);
  await git(clone, 'add', '--all');
  await git(clone, 'commit', '--quiet', '--allow-empty', '-m', 'Change it');
}

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const { execFile } = await import('node:child_process');
  await new Promise<void>((resolve, reject) => {
    execFile('git', ['-C', folder, ...args], (error) => (error === null ? resolve() : reject(error)));
  });
}

async function memory({ child }: ServerProcess): Promise<string> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return `${Math.round(kilobytes / 1024)} MB`;
}

/** Milliseconds that it has used of all processors, without its gits. */
async function processorTime({ child }: ServerProcess): Promise<number> {
  const text = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const [user = 0, system = 0] = text.slice(text.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) * MILLISECONDS_A_TICK;
}

const MILLISECONDS_A_TICK = 10;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
