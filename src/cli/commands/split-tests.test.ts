import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeJob } from '../../server/test-support/driven-jobs.ts';
import { startTestedServer } from '../../server/test-support/running-server.ts';
import { callProgram } from '../test-support/call-program.ts';

const split = (args: readonly string[], environment: Record<string, string> = {}, input = '') =>
  callProgram(tmpdir(), ['split-tests', ...args], environment, Readable.from([Buffer.from(input)]));

describe('without a server the tests are dealt out in turn', () => {
  test('and that is said', async () => {
    const { stdout, stderr, exitCode } = await split(['c', 'a', 'd', 'b'], {
      CI_NODE_INDEX: '1',
      CI_NODE_TOTAL: '2',
    });
    expect({ stdout, exitCode }).toEqual({ stdout: 'c\na\n', exitCode: 0 });
    expect(stderr).toContain('there is no server to ask: the tests are dealt out in turn');
  });

  test('so that each is in one share, in whatever order they are given', async () => {
    const shares = await Promise.all([
      split(['--index', '1', '--total', '3'], {}, 'e\nd\nc\nb\na\n'),
      split(['--index', '2', '--total', '3'], {}, 'a\nb\nc\r\nd\ne\n'),
      split(['--index', '3', '--total', '3', 'c', 'd', 'e', 'a', 'b']),
    ]);
    expect(shares.map(({ stdout }) => stdout)).toEqual(['d\na\n', 'b\ne\n', 'c\n']);
  });

  test('or all of them, when there is one job', async () => {
    expect(await split(['-0'], {}, 'a b\0c\nd\0')).toMatchObject({ stdout: 'a b\0c\nd\0', stderr: '' });
  });
});

test.each([
  ['0', '2'],
  ['3', '2'],
  ['x', '2'],
  ['1', '99999'],
])('job %s of %s is refused', async (index, total) => {
  const { exitCode, stdout } = await split(['--index', index, '--total', total, 'a']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
});

describe('the server is asked', () => {
  test('with the token of the job, and its answer is printed', async () => {
    const asked: unknown[] = [];
    const environment = await answering(200, { tests: ['b'], known: 1, differs: true }, asked);
    const { stdout, stderr } = await split(['a', 'b'], environment);
    expect(stdout).toBe('b\n');
    expect(stderr).toContain('another job of this pipeline has split other tests');
    expect(asked).toEqual([
      { path: '/api/v4/job/test_split', token: 't', tests: ['a', 'b'], index: 2, total: 2 },
    ]);
  });

  test.each([
    ['an error', 500, {}, /answered with 500/],
    ['something else', 200, { tests: [1] }, /something else/],
  ])('and when it answers with %s, not waited for', async (_what, status, body, said) => {
    const { stdout, stderr, exitCode } = await split(['a', 'b'], await answering(status, body));
    expect({ stdout, exitCode }).toEqual({ stdout: 'b\n', exitCode: 0 });
    expect(stderr).toMatch(said);
  });

  test('and when it is not there, not either', async () => {
    const environment = { ...IN_JOB, CI_API_V4_URL: 'http://127.0.0.1:9/api/v4' };
    const { stdout, stderr } = await split(['a', 'b'], environment);
    expect(stdout).toBe('b\n');
    expect(stderr).toContain('the server cannot be asked');
  });
});

test('the jobs of a server get each test once', async () => {
  const tested = await startTestedServer();
  await tested.push({ '.gitlab-ci.yml': 'test: {script: [make], parallel: 3}\n' });
  const tests = ['a', 'b', 'c', 'd', 'e'];
  const shares: string[] = [];
  for (let job = 1; job <= 3; job += 1) {
    const { token, variables } = await takeJob(tested);
    const { stdout, stderr } = await split(tests, {
      CI_API_V4_URL: `${tested.server.address}/api/v4`,
      CI_JOB_TOKEN: token,
      CI_NODE_INDEX: variables.CI_NODE_INDEX ?? '',
      CI_NODE_TOTAL: variables.CI_NODE_TOTAL ?? '',
    });
    expect(stderr).toMatch(/^slipway split-tests: [12] of 5 tests\.\n$/);
    shares.push(stdout);
  }
  expect(shares.join('').trim().split('\n').sort()).toEqual(tests);
});

const IN_JOB = { CI_JOB_TOKEN: 't', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '2' };

async function answering(
  status: number,
  body: object,
  asked: unknown[] = [],
): Promise<Record<string, string>> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const sent: object = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ path: request.url, token: request.headers['job-token'], ...sent });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { ...IN_JOB, CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4` };
}
