import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { type WireJob, wireSchemas } from '../../protocol/index.ts';
import { runnerApi } from '../index.ts';
import { createMemoryBroker } from './test-support/memory-broker.ts';

/** The routes over real HTTP, a real state machine behind them. */
const RUNNER = 'glrt-0123456789abcdefghij';
const Job = Compile((await wireSchemas()).WireJob);
const Token = Compile(Type.Object({ token: Type.String() }));
const JSON_BODY = { 'Content-Type': 'application/json' };
let folder: string;
let server: FastifyInstance;
let url: string;
let made: ReturnType<typeof createMemoryBroker>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-runner-api-'));
  made = createMemoryBroker({
    plan: plan({ build: [job('compile', { retry: { max: 1 } })], test: [job('unit')] }),
    folder,
    runnerToken: RUNNER,
    repository: { url: () => 'file:///nowhere', sha: 'a'.repeat(40), ref: 'main' },
  });
  server = fastify();
  await server.register(runnerApi, { prefix: '/api/v4', broker: made.broker, longPollMs: 15_000 });
  url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/api/v4`;
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('runners', () => {
  test('are verified by a token in the body or in the header', async () => {
    const ofBody = await send('POST', '/runners/verify', { token: RUNNER, system_id: 's_1' });
    expect([ofBody.status, await ofBody.json()]).toEqual([
      200,
      { id: 1, token: RUNNER, token_expires_at: null },
    ]);
    expect((await send('POST', '/runners/verify', {}, { 'RUNNER-TOKEN': RUNNER })).status).toBe(200);
  });

  test.each([
    ['POST', '/runners/verify', { token: 'glrt-wrong' }, 403],
    ['POST', '/runners/verify', {}, 403],
    ['POST', '/jobs/request', { token: 'glrt-wrong' }, 403],
    ['POST', '/jobs/request', { token: { a: 1 } }, 400],
    ['DELETE', '/runners', { token: 'glrt-wrong' }, 403],
    ['DELETE', '/runners/managers', { token: RUNNER }, 400],
    ['POST', '/runners/reset_authentication_token', { token: 'glrt-wrong' }, 403],
    ['GET', '/runners/router/discovery', undefined, 501],
    ['GET', '/job', undefined, 401],
  ])('%s %s with %j is refused in JSON', async (method, path, body, status) => {
    const answer = await send(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({ message: expect.any(String) });
  });

  test('a new token is the only one from then on', async () => {
    const answer = await send('POST', '/runners/reset_authentication_token', { token: RUNNER });
    const { token } = Token.Parse(await answer.json());
    expect(answer.status).toBe(201);
    expect((await send('POST', '/runners/verify', { token })).status).toBe(200);
    expect((await send('POST', '/runners/verify', { token: RUNNER })).status).toBe(403);
    expect((await send('DELETE', '/runners', { token })).status).toBe(204);
  });
});

test('a runner that knows the newest state is kept waiting, and gets the job when there is one', async () => {
  const idle = await send('POST', '/jobs/request', { token: RUNNER });
  expect(idle.status).toBe(204);
  const asking = send('POST', '/jobs/request', {
    token: RUNNER,
    last_update: idle.headers.get('x-gitlab-last-update') ?? '',
  });
  // What is kept waiting is answered last: another request goes through meanwhile.
  await send('POST', '/runners/verify', { token: RUNNER });
  made.happen({ type: 'pipeline-started' });
  expect((await asking).status).toBe(201);
});

describe('a trace', () => {
  test('grows where it ends; anything else is told where that is', async () => {
    const taken = await take();
    const first = await patch(taken, 0, 'hello ');
    expect([first.status, first.headers.get('range'), first.headers.get('job-status')]).toEqual([
      202,
      '0-6',
      'running',
    ]);
    const repeated = await patch(taken, 0, 'hello ');
    expect([repeated.status, repeated.headers.get('range')]).toEqual([416, '0-6']);
    expect((await patch(taken, 6, 'world')).headers.get('range')).toBe('0-11');
    expect(await made.traceOf(taken.id)).toBe('hello world');
  });

  test("that differs from the runner's is sent again once, and the result counts all the same", async () => {
    const taken = await take();
    await patch(taken, 0, 'hellO');
    const ending = { state: 'success', output: { checksum: crcOf('hello'), bytesize: 5 } };
    expect((await put(taken, ending)).status).toBe(412);
    expect((await patch(taken, 0, 'hello')).status).toBe(202);
    expect((await put(taken, ending)).status).toBe(200);
    expect(made.handedOut()[0]?.ending).toEqual({
      status: 'success',
      reason: null,
      exitCode: null,
      traceProblem: null,
    });
  });

  test.each(['', 'nonsense', '-1-3', '99999999999999999999-0'])(
    'with the range %j is refused',
    async (range) => {
      const taken = await take();
      expect((await patch(taken, 0, 'x', { 'Content-Range': range })).status).toBe(400);
    },
  );

  test('of a job that has ended stops its runner', async () => {
    const taken = await take();
    await put(taken, { state: 'failed', failure_reason: 'script_failure', exit_code: 3 });
    const late = await patch(taken, 0, 'more');
    expect([late.status, late.headers.get('job-status')]).toEqual([403, 'failed']);
    expect((await take()).id).toBe(2);
  });

  test('is closed to the token of another job', async () => {
    const taken = await take();
    expect((await patch({ ...taken, token: 'glcbt-other' }, 0, 'x')).status).toBe(403);
    expect((await patch({ ...taken, id: 99 }, 0, 'x')).status).toBe(404);
  });
});

describe('a trace beyond the limit', () => {
  test('is refused, and fails its job', async () => {
    const taken = await take();
    const answer = await fetch(`${url}/jobs/${taken.id}/trace`, {
      method: 'PATCH',
      headers: {
        'Content-Type': 'text/plain',
        'Content-Range': '99999999-99999999',
        'JOB-TOKEN': taken.token,
      },
      body: 'x',
    });
    expect([answer.status, answer.headers.get('job-status')]).toEqual([403, 'failed']);
    expect((await patch(taken, 0, 'more')).status).toBe(403);
  });
});

describe('artifacts', () => {
  test('go up and come down, whole or in part', async () => {
    const taken = await take();
    expect((await upload(taken, `${'a'.repeat(1000)}tail`)).status).toBe(201);
    const whole = await download(taken);
    expect([whole.status, (await whole.text()).length]).toEqual([200, 1004]);
    const part = await download(taken, { Range: 'bytes=1000-' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      'tail',
      'bytes 1000-1003/1004',
    ]);
    expect((await download(taken, { Range: 'bytes=2000-' })).status).toBe(416);
  });

  test('that are too large are refused while they come, and nothing is kept', async () => {
    const taken = await take();
    const pieces = async function* () {
      yield Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="../../x"\r\n\r\n`);
      for (let piece = 0; piece < 64; piece += 1) yield Buffer.alloc(65_536);
      yield Buffer.from('\r\n--b--\r\n');
    };
    const status = await fetch(`${url}/jobs/${taken.id}/artifacts`, {
      method: 'POST',
      headers: { 'JOB-TOKEN': taken.token, 'Content-Type': 'multipart/form-data; boundary=b' },
      body: ReadableStream.from(pieces()),
      duplex: 'half',
    }).then(
      (answer) => answer.status,
      // The connection may be closed before all is sent, and the answer lost with it.
      () => 413,
    );
    expect(status).toBe(413);
    expect((await download(taken)).status).toBe(404);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.part'))).toEqual([]);
  });

  test.each(['', 'archive/../x', 'A'])('of the type %j are refused', async (type) => {
    const taken = await take();
    expect((await upload(taken, 'x', `?artifact_type=${encodeURIComponent(type)}`)).status).toBe(400);
  });

  test('need a form', async () => {
    const taken = await take();
    const answer = await send('POST', `/jobs/${taken.id}/artifacts`, {}, { 'JOB-TOKEN': taken.token });
    expect(answer.status).toBe(400);
  });
});

function send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  return fetch(`${url}${path}`, {
    method,
    headers: body === undefined ? headers : { ...JSON_BODY, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function take(): Promise<WireJob> {
  made.happen({ type: 'pipeline-started' });
  const answer = await send('POST', '/jobs/request', { token: RUNNER, system_id: 's_1' });
  expect(answer.status).toBe(201);
  return Job.Parse(await answer.json());
}

function patch(
  { id, token }: Pick<WireJob, 'id' | 'token'>,
  start: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const range = `${start}-${start + text.length - 1}`;
  return fetch(`${url}/jobs/${id}/trace`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'text/plain', 'Content-Range': range, 'JOB-TOKEN': token, ...headers },
    body: text,
  });
}

function put({ id, token }: WireJob, body: object) {
  return send('PUT', `/jobs/${id}`, { token, ...body });
}

function upload(
  { id, token }: WireJob,
  content: string,
  query = '?artifact_type=archive&artifact_format=zip',
) {
  const form = new FormData();
  form.append('file', new Blob([content]), 'artifacts.zip');
  return fetch(`${url}/jobs/${id}/artifacts${query}`, {
    method: 'POST',
    headers: { 'JOB-TOKEN': token },
    body: form,
  });
}

function download({ id, token }: WireJob, headers: Readonly<Record<string, string>> = {}) {
  return fetch(`${url}/jobs/${id}/artifacts`, { headers: { 'JOB-TOKEN': token, ...headers } });
}

function crcOf(text: string): string {
  return `crc32:${crc32(text).toString(16).padStart(8, '0')}`;
}
