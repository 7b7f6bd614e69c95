import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { traceKey } from '../../src/server/broker/trace-marks.ts';
import { packet } from '../../src/server/git/pkt-line.ts';
import { openBlobs } from '../../src/store/index.ts';
import { startSlipwayRunner } from '../runner/slipway-runner.ts';
import { privatePostgres } from '../store/private-postgres.ts';
import { craftedZip, gzipBomb, LINK } from './crafted-files.ts';
import { type PlainJob, plainRunner } from './plain-runner.ts';
import { createPusher, git, type Pusher } from './pushing.ts';
import {
  addFooting,
  type Footing,
  type ServerPlace,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts';

const postgres = await privatePostgres();
afterAll(async () => postgres?.stop());

const LONG = { timeout: 120_000, interval: 100 };
const ONE_JOB = 'job: {script: [echo hello]}\n';
const NO_COMMIT = '0'.repeat(40);

const kinds = postgres === null ? ['SQLite'] : ['SQLite', 'PostgreSQL'];
if (postgres === null) {
  test('on PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
}

describe.for(kinds)('a server on %s', (kind) => {
  let folder: string;
  let place: ServerPlace;
  let footing: Footing;
  let server: ServerProcess;
  let pusher: Pusher;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-hostile-'));
    const database = kind === 'PostgreSQL' ? await postgres?.addDatabase() : undefined;
    place = { data: join(folder, 'data'), ...(database === undefined ? {} : { database }) };
    footing = await addFooting(place);
    server = await startServerProcess(place, 'bundle');
    pusher = await createPusher(folder, 'ada', () => server.address, footing.adminToken);
  });
  afterAll(async () => {
    await expectWorking();
    expect(await peakMegabytes(server)).toBeLessThan(768);
    await server.stop();
    await footing.store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** The next job of the queue, at most a few seconds from now. */
  async function takeJob(): Promise<PlainJob & { readonly runner: ReturnType<typeof plainRunner> }> {
    const runner = plainRunner(() => server.address, footing.runnerToken);
    onTestFinished(() => runner.close());
    for (;;) {
      const job = await runner.take();
      if (job !== null) return { ...job, runner };
    }
  }

  /** A push becomes a pipeline, whose job runs to its end. */
  async function expectWorking(): Promise<void> {
    expect(await pusher.push(ONE_JOB)).not.toBeNull();
    const runner = plainRunner(() => server.address, footing.runnerToken, 's_working');
    let job: PlainJob | null = null;
    while (job === null) job = await runner.take();
    expect(await runner.finish(job, 'hello\n')).toBe(200);
    runner.close();
  }

  async function upload(
    { id, token, runner }: Awaited<ReturnType<typeof takeJob>>,
    query: string,
    content: Buffer,
  ): Promise<number> {
    const head =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="../../../artifacts.zip"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]);
    const { status } = await runner.call('POST', `/jobs/${id}/artifacts?${query}`, body, {
      'JOB-TOKEN': token,
      'Content-Type': 'multipart/form-data; boundary=b',
    });
    return status;
  }

  async function rest(path: string, method = 'GET', body?: object): Promise<Response> {
    return fetch(`${server.address}/api/v4${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': footing.adminToken, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  const jobRow = (id: number) =>
    footing.store.read((db) =>
      db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    );

  async function logOf(id: number): Promise<string> {
    await using blobs = await openBlobs({ place: join(place.data, 'files') });
    const chunks: Uint8Array[] = [];
    for await (const chunk of blobs.traces.read(traceKey(id))) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  describe('keeps archives to their place', () => {
    const outside = join(tmpdir(), 'slipway-escaped');
    test.for([
      ['a name that leads upwards', [{ name: `../../../../../..${outside}`, content: 'harm' }]],
      ['an absolute name', [{ name: outside, content: 'harm' }]],
      [
        'a write through a link',
        [
          { name: 'link', content: tmpdir(), mode: LINK },
          { name: 'link/slipway-escaped', content: 'harm' },
        ],
      ],
      ["git's configuration", [{ name: '.git/config', content: `[core]\n\tfsmonitor = touch ${outside}` }]],
    ] as const)('%s', async ([, entries]) => {
      await pusher.push(
        'crafted: {stage: build, script: [make], artifacts: {paths: [x]}}\nreads: {stage: test, script: [git status]}\n',
      );
      const crafted = await takeJob();
      expect(await upload(crafted, 'artifact_type=archive&artifact_format=zip', craftedZip(entries))).toBe(
        201,
      );
      await crafted.runner.finish(crafted, '');
      const asked = entries.map(({ name }) => encodeURIComponent(name));
      for (const name of ['..%2F..%2F..%2Fslipway.db', '%2e%2e/%2e%2e/slipway.db', ...asked]) {
        const answer = await rest(`/projects/1/jobs/${crafted.id}/artifacts/${name}`);
        expect(await answer.text()).not.toContain('SQLite');
        expect(answer.status).toBeLessThan(500);
      }
      const runner = await startSlipwayRunner({ url: server.address, token: footing.runnerToken });
      await expect.poll(async () => (await jobRow(crafted.id + 1)).status, LONG).toMatch(/failed|success/);
      runner.kill('SIGTERM');
      await runner.ended;
      expect(await logOf(crafted.id + 1)).toMatch(/outside|unsafe|leads|\.git/i);
      expect((await jobRow(crafted.id + 1)).status).toBe('failed');
      expect(existsSync(outside)).toBe(false);
    });

    test('a report of four gigabytes in four megabytes is read to its limit, and that is said', async () => {
      await pusher.push(ONE_JOB);
      const job = await takeJob();
      expect(await upload(job, 'artifact_type=junit&artifact_format=gzip', gzipBomb(256))).toBe(201);
      expect(await job.runner.finish(job, '')).toBe(200);
      const suites = async () => {
        const answer = await rest(`/projects/1/pipelines/${job.pipelineId}/test_report`);
        return JSON.stringify(await answer.json());
      };
      await expect.poll(suites, LONG).toMatch(/suite_error":"[^"]+/);
    });

    test('a file of a gigabyte in an archive of one megabyte is sent as it is read', async () => {
      await pusher.push(ONE_JOB);
      const job = await takeJob();
      const zip = craftedZip([{ name: 'zeros', content: Buffer.alloc(1024 ** 3) }]);
      expect(await upload(job, 'artifact_type=archive&artifact_format=zip', zip)).toBe(201);
      await job.runner.finish(job, '');
      const answers = Array.from({ length: 20 }, async () => {
        const answer = await rest(`/projects/1/jobs/${job.id}/artifacts/zeros`);
        const reader = answer.body?.getReader();
        await reader?.read();
        // Twenty who ask and then do not listen.
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        await reader?.cancel();
        return answer.status;
      });
      expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    });

    test('what is larger than it may be is refused, whatever it says of itself', async () => {
      await pusher.push(ONE_JOB);
      const job = await takeJob();
      const socket = await open(server);
      socket.write(
        `POST /api/v4/jobs/${job.id}/artifacts HTTP/1.1\r\nHost: x\r\nJOB-TOKEN: ${job.token}\r\n` +
          'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000000000\r\n\r\n',
      );
      expect(await firstLine(socket)).toContain('413');
      const { status } = await job.runner.call('PATCH', `/jobs/${job.id}/trace`, Buffer.from('x'), {
        'JOB-TOKEN': job.token,
        'Content-Range': '900000000000-900000000000',
      });
      // As GitLab answers; the job has failed with it.
      expect(status).toBe(403);
      expect(await jobRow(job.id)).toMatchObject({ status: 'failed', failure_reason: 'trace_size_exceeded' });
    });
  });

  describe('takes no name for a path', () => {
    test.for([
      'refs/heads/../../config',
      'refs/heads/../../../../../escaped',
      'refs/heads/x.lock',
      'refs/heads/a..b',
      'refs/heads/.hidden',
      'refs/heads/with space',
      'refs/heads/with\x07bell',
      'refs/heads/',
      'HEAD',
      'config',
      '/etc/passwd',
      'refs/pipelines/1',
      `refs/replace/${'1'.repeat(40)}`,
    ])('a push to %j', async (ref) => {
      const known = await git(footing.repository, 'for-each-ref');
      const sha = (await pusher.push(ONE_JOB)) ?? '';
      const job = await takeJob();
      await job.runner.finish(job, '');
      const before = await git(footing.repository, 'for-each-ref');
      expect(before.length).toBeGreaterThan(known.length);
      const body = Buffer.concat([
        packet(`${NO_COMMIT} ${sha} ${ref}\0report-status`),
        Buffer.from('0000'),
        // A pack without objects: all are there.
        Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex'),
      ]);
      const answer = await fetch(`${server.address}/team/app.git/git-receive-pack`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`root:${footing.adminToken}`).toString('base64')}`,
          'Content-Type': 'application/x-git-receive-pack-request',
        },
        body,
      });
      const text = await answer.text();
      expect(answer.status >= 400 || /ng \S|unpack (?!ok)|ERR /.test(text)).toBe(true);
      expect(answer.status).toBeLessThan(500);
      expect(await git(footing.repository, 'for-each-ref')).toBe(before);
    });
  });

  describe('takes no name for an option', () => {
    test.for(['--upload-pack=touch', '--output=mark', '-x'])('a branch %s', async (name) => {
      await pusher.push(ONE_JOB);
      const first = await takeJob();
      await first.runner.finish(first, '');
      const url = new URL(`${server.address}/team/app.git`);
      url.username = 'root';
      url.password = footing.adminToken;
      const pushed = git(pusher.folder, 'push', '--quiet', url.href, `HEAD:refs/heads/${name}`);
      await expect(pushed).rejects.toThrow('this is no name that a ref can have');
    });

    test('what the API is asked with', async () => {
      const mark = join(folder, 'mark-of-api');
      const option = `--output=${mark}`;
      const ref = encodeURIComponent(option);
      const asked: readonly (readonly [string, string, object?])[] = [
        ['POST', `/projects/1/pipeline?ref=${ref}`],
        ['POST', '/projects/1/pipeline', { ref: option }],
        ['POST', '/projects/1/merge_requests', { source_branch: option, target_branch: option, title: 'x' }],
        ['POST', '/projects/1/pipeline_schedules', { ref: option, cron: '* * * * *', description: 'x' }],
        ['POST', '/projects', { path: option, name: option }],
        ['POST', '/projects', { path: '../../escaped', name: 'x' }],
        ['GET', `/projects/1/jobs/artifacts/${ref}/download?job=${ref}`],
        ['GET', `/projects/1/pipelines/latest?ref=${ref}`],
        ['GET', `/projects/${encodeURIComponent('../../etc')}/pipelines`],
      ];
      for (const [method, path, body] of asked) {
        const answer = await rest(path, method, body);
        expect([method, path, answer.status >= 400 && answer.status < 500]).toEqual([method, path, true]);
      }
      await pusher.push(`include: {project: team/app, ref: '${option}', file: x.yml}\n${ONE_JOB}`);
      expect(existsSync(mark)).toBe(false);
    });
  });

  describe('outlives a pipeline file', () => {
    const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}\n${ONE_JOB}`;
    const manyJobs = (lines: number) =>
      Array.from({ length: lines }, (_, at) => `j${at}: {script: [x], parallel: 200}`).join('\n');
    const laughs = Array.from({ length: 30 }, (_, at) =>
      at === 0 ? '.a0: &a0 [x, x]' : `.a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`,
    ).join('\n');
    test.for([
      ['of a billion laughs', `${laughs}\njob: {script: *a29}\n`],
      ['as deep as it is long', nested(100_000)],
      ['that includes itself', `include: .gitlab-ci.yml\n${ONE_JOB}`],
      ['of many megabytes', `# ${'x'.repeat(8_000_000)}\n${ONE_JOB}`],
      ['with more jobs than a server takes', manyJobs(251)],
      ['with as many as it takes', manyJobs(250)],
      [
        'with an expression that goes back',
        `workflow: {rules: [{if: '"${'a'.repeat(5_000)}b" =~ /^(a+)+$/'}]}\n${ONE_JOB}`,
      ],
      ['with a key that every object has', '__proto__: {script: [x]}\nconstructor: {script: [x]}\n'],
    ] as const)('%s', async ([, file]) => {
      await pusher.push(file);
      const health = await fetch(`${server.address}/-/health`, { signal: AbortSignal.timeout(15_000) });
      expect(health.status).toBe(200);
      // Jobs that came of it are in nobody's way.
      for (const { id } of await pipelinesOpen(footing))
        await rest(`/projects/1/pipelines/${id}/cancel`, 'POST');
      await expect.poll(async () => (await pipelinesOpen(footing)).length, LONG).toBe(0);
    });
  });

  test('works while 300 send bodies that never end', async () => {
    await pusher.push(ONE_JOB);
    const job = await takeJob();
    const auth = `Authorization: Basic ${Buffer.from(`root:${footing.adminToken}`).toString('base64')}\r\n`;
    const heads = [
      `PATCH /api/v4/jobs/${job.id}/trace HTTP/1.1\r\nJOB-TOKEN: ${job.token}\r\nContent-Range: 0-99999\r\nContent-Type: text/plain\r\n`,
      `POST /api/v4/jobs/${job.id}/artifacts HTTP/1.1\r\nJOB-TOKEN: ${job.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n`,
      'POST /api/v4/jobs/request HTTP/1.1\r\nContent-Type: application/json\r\n',
      `POST /team/app.git/git-receive-pack HTTP/1.1\r\n${auth}Content-Type: application/x-git-receive-pack-request\r\n`,
      `POST /team/app.git/git-upload-pack HTTP/1.1\r\n${auth}Content-Type: application/x-git-upload-pack-request\r\n`,
    ];
    const sockets = await Promise.all(Array.from({ length: 300 }, () => open(server)));
    for (const [at, socket] of sockets.entries()) {
      socket.write(`${heads[at % heads.length]}Host: x\r\nContent-Length: 100000\r\n\r\n`);
    }
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a');
    }, 200);
    onTestFinished(() => clearInterval(drip));
    await job.runner.finish(job, '');
    for (let count = 0; count < 3; count += 1) await expectWorking();
  });
});

async function pipelinesOpen({ store }: Footing) {
  return store.read((db) =>
    db
      .selectFrom('pipelines')
      .select('id')
      .where('status', 'not in', ['success', 'failed', 'canceled', 'skipped'])
      .execute(),
  );
}

async function open({ address }: ServerProcess): Promise<Socket> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function firstLine(socket: Socket): Promise<string> {
  const [bytes] = await once(socket, 'data');
  return String(bytes).split('\r\n', 1)[0] ?? '';
}

/** The most memory that the process ever had. */
async function peakMegabytes({ child }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
