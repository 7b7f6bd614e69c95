import { describe, expect, test } from 'vitest';
import { createToken } from '../../store/index.ts';
import { newToken } from '../broker/new-token.ts';
import { hashToken } from '../runner-api/token-hash.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const PIPELINE = 'build:\n  variables: {PASSWORD: "in the file"}\n  script: [make]\n';

describe('what a server tells of itself', () => {
  test('figures of jobs, pipelines, requests, the database and the process', async () => {
    const tested = await startTestedServer();
    await tested.push({ '.gitlab-ci.yml': PIPELINE });
    expect(await figures(tested)).toMatchObject({
      'slipway_jobs_queued{tagged="no",protected="yes"}': 1,
      slipway_git_processes: expect.any(Number),
      slipway_timers_overdue: 0,
    });
    await runJob(tested);
    const seen = await figures(tested);
    expect(seen).toMatchObject({
      'slipway_job_changes_total{status="success"}': 1,
      'slipway_pipelines_total{status="success"}': 1,
      slipway_trace_bytes_total: 5,
      slipway_job_queue_seconds_count: 1,
      'slipway_job_duration_seconds_count{status="success"}': 1,
      'slipway_http_request_duration_seconds_count{method="PATCH",route="/api/v4/jobs/:id/trace",status="202"}': 1,
    });
    expect(seen.slipway_database_commit_seconds_count).toBeGreaterThan(3);
    expect(seen.process_resident_memory_bytes).toBeGreaterThan(10_000_000);
    expect(Object.keys(seen).filter((name) => name.includes('route="git"'))).not.toEqual([]);
  });

  test('no name of a project, and no address that somebody made up', async () => {
    const tested = await startTestedServer();
    await tested.push({ '.gitlab-ci.yml': PIPELINE });
    for (let count = 0; count < 20; count += 1) await fetch(`${tested.server.address}/made-up-${count}`);
    const text = await (await fetch(`${tested.server.address}/-/metrics`)).text();
    expect(text).not.toMatch(/team|app\.git|made-up/);
    expect(text).toContain('route="none",status="404"} 20');
  });

  test('figures are for programs of this machine, and for the administrator', async () => {
    const { server, adminToken } = await startTestedServer();
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${server.address}/-/metrics`, { headers })).status;
    expect(await ask({})).toBe(200);
    expect(await ask({ 'X-Forwarded-For': '127.0.0.1' })).toBe(401);
    expect(await ask({ 'X-Forwarded-For': '1.2.3.4', Authorization: `Bearer ${adminToken}` })).toBe(200);
    expect(await ask({ Authorization: 'Bearer wrong' })).toBe(401);
    const own = newToken('glpat');
    await server.parts.store.write(({ db }) =>
      createToken(db, {
        ...{ kind: 'project', name: 'p', projectId: 1, scopes: ['api'], expiresAt: null, now: 0 },
        tokenHash: hashToken(own),
      }),
    );
    expect(await ask({ Authorization: `Bearer ${own}` })).toBe(401);
  });

  test('that it lives, and that it is ready', async () => {
    const { server } = await startTestedServer();
    for (const path of ['health', 'liveness']) {
      const answer = await fetch(`${server.address}/-/${path}`);
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
    }
    const ready = await fetch(`${server.address}/-/readiness`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', checks: { database: 'ok', storage: 'ok' } },
    ]);
  });
});

test('a server whose database does not answer is alive, and not ready', async () => {
  const { server } = await startTestedServer();
  await server.parts.store[Symbol.asyncDispose]();
  const ready = await fetch(`${server.address}/-/readiness`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'failed', checks: { database: 'failed', storage: 'ok' } },
  ]);
  expect((await fetch(`${server.address}/-/liveness`)).status).toBe(200);
});

test('in the log of everything there is nothing that lets somebody in', async () => {
  const lines: string[] = [];
  const tested = await startTestedServer({ log: { level: 'debug', write: (line) => void lines.push(line) } });
  await tested.server.parts.store.write(({ db }) =>
    db
      .insertInto('variables')
      .values({
        ...{ project_id: tested.projectId, key: 'SECRET', environment_scope: '*', value: 'hidden-value-1' },
        ...{ kind: 'env_var', protected: 0, masked: 1, hidden: 1, raw: 0, description: null },
      })
      .execute(),
  );
  await tested.push({ '.gitlab-ci.yml': PIPELINE }, '-o', 'ci.variable=GIVEN=hidden-value-2');
  const jobToken = await runJob(tested);
  const { address } = tested.server;
  await fetch(`${address}/api/v4/projects?private_token=${tested.adminToken}`);
  await fetch(`${address}/api/v4/jobs/1/artifacts?job_token=${jobToken}`, {
    headers: { 'PRIVATE-TOKEN': tested.adminToken, Authorization: `Bearer ${tested.adminToken}` },
  });
  await tested.ask('POST', '/jobs/request', { token: 'glrt-wrong-token-1' });
  await tested.ask('POST', '/jobs/request', '{"token": "glrt-wrong-token-2"');

  const text = lines.join('');
  expect(text).toContain('/api/v4/jobs/request');
  for (const secret of [tested.adminToken, tested.runnerToken, jobToken, 'hidden-value', 'wrong-token']) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(`root:${secret}`).toString('base64'));
  }
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
  const entries = lines.map((line) => JSON.parse(line));
  expect(entries).toContainEqual(
    expect.objectContaining({ msg: 'A pipeline has ended', pipeline: 1, status: 'success' }),
  );
  expect(entries).toContainEqual(
    expect.objectContaining({ msg: 'A job has ended', pipeline: 1, job: 'build' }),
  );
  const asked = entries.filter(({ request }) => request !== undefined);
  expect(asked.length).toBeGreaterThan(5);
});

async function figures({ server }: TestedServer): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.address}/-/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

/** Runs one job to its end. Answers with its token. */
async function runJob({ ask, runnerToken }: TestedServer): Promise<string> {
  const { json } = await ask('POST', '/jobs/request', {
    token: runnerToken,
    system_id: 's',
    info: { features: { variables: true } },
  });
  const [id, token] = [Number(json.id), String(json.token)];
  const headers = { 'JOB-TOKEN': token, 'Content-Range': '0-4' };
  expect(await ask('PATCH', `/jobs/${id}/trace`, 'hello', headers)).toMatchObject({ status: 202 });
  expect(await ask('PUT', `/jobs/${id}`, { token, state: 'success' })).toMatchObject({ status: 200 });
  return token;
}
