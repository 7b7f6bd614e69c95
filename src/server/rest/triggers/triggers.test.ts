import { describe, expect, test } from 'vitest';
import { finishJob, takeJob } from '../../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../../test-support/running-server.ts';
import { askRest } from '../test-support/ask-rest.ts';

const FILE = 'build: {script: [make]}\n';

async function open() {
  const tested = await startTestedServer();
  await tested.push({ '.gitlab-ci.yml': FILE }, '-o', 'ci.skip');
  const ask = askRest(tested, tested.adminToken);
  const project = `/projects/${tested.projectId}`;
  const made = await ask('POST', `${project}/triggers`, { description: 'cd' });
  const { token } = made.json as { readonly token: string };
  return { tested, ask, project, token };
}

test('a trigger token is shown once, listed, described and removed', async () => {
  const { ask, project, token } = await open();
  expect(token).toMatch(/^glptt-.{20,}/);
  const listed = await ask('GET', `${project}/triggers`);
  expect(listed).toMatchObject({ status: 200, json: [{ id: 1, description: 'cd', last_used: null }] });
  expect(listed.text).not.toContain(token);
  expect(await ask('PUT', `${project}/triggers/1`, { description: 'other' })).toMatchObject({
    json: { description: 'other' },
  });
  expect((await ask('DELETE', `${project}/triggers/1`)).status).toBe(204);
  expect((await ask('GET', `${project}/triggers/1`)).status).toBe(404);
  expect(
    (await ask('POST', `${project}/triggers`, { description: 'x', expires_at: '2001-01-01T00:00:00Z' }))
      .status,
  ).toBe(400);
});

describe('a pipeline is triggered', () => {
  test.each([
    [
      'by JSON',
      (token: string) => ({
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token, ref: 'main', variables: { A: '1' }, event: { name: 'deploy' } }),
      }),
      '',
    ],
    [
      'by a form',
      (token: string) => ({ body: new URLSearchParams({ token, ref: 'main', 'variables[A]': '1' }) }),
      '',
    ],
    [
      'by a form in parts',
      (token: string) => {
        const form = new FormData();
        for (const [key, value] of [
          ['token', token],
          ['ref', 'main'],
          ['variables[A]', '1'],
        ] as const)
          form.set(key, value);
        return { body: form };
      },
      '',
    ],
    ['by its address', () => ({}), '?ref=main&variables[A]=1&token='],
  ])('%s', async (_how, request, query) => {
    const { tested, ask, project, token } = await open();
    const answer = await post(
      tested,
      `${project}/trigger/pipeline${query === '' ? '' : query + token}`,
      request(token),
    );
    expect(answer).toMatchObject({ status: 201, json: { id: 1, source: 'trigger', ref: 'main' } });
    const job = await takeJob(tested);
    expect(job.variables).toMatchObject({
      A: '1',
      CI_PIPELINE_SOURCE: 'trigger',
      CI_PIPELINE_TRIGGERED: 'true',
    });
    expect(JSON.stringify(job.wire)).not.toContain(token);
    expect(await ask('GET', `${project}/triggers/1`)).toMatchObject({
      json: { last_used: expect.any(String) },
    });
  });

  test('by a webhook, whose body a job finds in a file', async () => {
    const { tested, project, token } = await open();
    const path = `${project}/ref/main/trigger/pipeline?token=${token}`;
    const body = JSON.stringify({ commits: [{ id: 1 }] });
    const answer = await post(tested, path, { headers: { 'Content-Type': 'application/json' }, body });
    expect(answer.status).toBe(201);
    const job = await takeJob(tested);
    expect(JSON.parse(job.variables.TRIGGER_PAYLOAD ?? '')).toEqual({ commits: [{ id: 1 }] });
  });

  test.each([
    ['without a token', { ref: 'main' }, 400],
    ['with a wrong token', { ref: 'main', token: 'glptt-wrong' }, 404],
    ['without a ref', { token: '' }, 400],
    ['of a ref that is not there', { ref: 'nowhere' }, 400],
    ['with variables that are none', { ref: 'main', variables: { A: {} } }, 400],
    ['with a name that is none', { ref: 'main', variables: { 'A B': '1' } }, 400],
  ])('%s: it is not', async (what, given, status) => {
    const { tested, project, token } = await open();
    const body = JSON.stringify(what === 'without a token' ? given : { token, ...given });
    const answer = await post(tested, `${project}/trigger/pipeline`, {
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(status);
  });

  test('by the token of a running job: in its own project, and in those that let it in', async () => {
    const { tested, ask, project } = await open();
    const other = await tested.addProject('team/other', { '.gitlab-ci.yml': FILE });
    const job = await takeJob(tested);
    expect(job.variables.CI_PROJECT_ID).toBe(String(other));
    const trigger = (path: string) =>
      post(tested, `${path}/trigger/pipeline`, {
        body: new URLSearchParams({ token: job.token, ref: 'main' }),
      });
    expect((await trigger(`/projects/${other}`)).status).toBe(201);
    expect((await trigger(project)).status).toBe(404);
    expect(
      await ask('POST', `${project}/job_token_scope/allowlist`, { target_project_id: other }),
    ).toMatchObject({
      status: 201,
    });
    expect(await ask('GET', `${project}/job_token_scope/allowlist`)).toMatchObject({
      json: [{ target_project_id: other }],
    });
    expect(await trigger(project)).toMatchObject({ status: 201, json: { source: 'pipeline' } });
    const jobs = [await takeJob(tested), await takeJob(tested)];
    expect(jobs.map(({ variables }) => variables.CI_UPSTREAM_JOB_ID)).toEqual([
      String(job.id),
      String(job.id),
    ]);
    expect((await ask('DELETE', `${project}/job_token_scope/allowlist/${other}`)).status).toBe(204);
    expect((await trigger(project)).status).toBe(404);
    await finishJob(tested, job);
    expect((await trigger(`/projects/${other}`)).status).toBe(404);
  });
});

async function post(
  { server }: TestedServer,
  path: string,
  request: { readonly headers?: Record<string, string>; readonly body?: string | URLSearchParams | FormData },
): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${server.address}/api/v4${path}`, { method: 'POST', ...request });
  return { status: response.status, json: await response.json() };
}
