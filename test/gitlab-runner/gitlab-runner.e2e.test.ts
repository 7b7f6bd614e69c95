import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { job, plan } from '../../src/pipeline/test-support/plan-builder.ts';
import { runnerApi } from '../../src/server/index.ts';
import { createMemoryBroker } from '../../src/server/runner-api/test-support/memory-broker.ts';

/** The official, unmodified runner of GitLab against our routes; GITLAB_RUNNER names its program. */
const program = process.env.GITLAB_RUNNER;

if (program === undefined) {
  test('the official gitlab-runner', ({ skip }) =>
    skip('GITLAB_RUNNER does not name a gitlab-runner program'));
} else {
  describeRunner(program);
}

function describeRunner(runner: string): void {
  let folder: string;
  let server: FastifyInstance;
  let child: ChildProcess;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-gitlab-runner-'));
    server = fastify();
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(jobs: Parameters<typeof plan>[0]) {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
    git('init', '-q', '-b', 'main', 'repository');
    await writeFile(join(folder, 'repository', 'greeting.txt'), 'hello from git\n');
    const inside = ['-C', 'repository', '-c', 'user.name=a', '-c', 'user.email=a@b.c'];
    git(...inside, 'add', '.');
    git(...inside, 'commit', '-qm', 'first');
    const sha = git(...inside, 'rev-parse', 'HEAD');
    const made = createMemoryBroker({
      plan: plan(jobs),
      folder,
      runnerToken: 'glrt-0123456789abcdefghij',
      repository: { url: () => `file://${folder}/repository`, sha, ref: 'main' },
    });
    await server.register(runnerApi, { prefix: '/api/v4', broker: made.broker, longPollMs: 5_000 });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const config = join(folder, 'config.toml');
    const text = [
      'concurrent = 2\ncheck_interval = 1\n[[runners]]\nname = "t"\nexecutor = "shell"\nshell = "bash"',
      `url = "${url}"\ntoken = "glrt-0123456789abcdefghij"\nbuilds_dir = "${folder}/builds"`,
    ];
    await writeFile(config, text.join('\n'));
    const toServer = ['--url', url, '--non-interactive'];
    const register = [...toServer, '--registration-token', 'GR1348941shared', '--executor', 'shell'];
    const registered = join(folder, 'registered.toml');
    await promisify(execFile)(runner, ['register', '--config', registered, ...register]);
    await promisify(execFile)(runner, ['verify', '--config', config]);
    await promisify(execFile)(runner, ['unregister', '--config', registered, '--all-runners']);
    child = spawn(runner, ['run', '--config', config, '--working-directory', folder], {
      stdio: process.env.GITLAB_RUNNER_LOG === undefined ? 'ignore' : 'inherit',
      env: { ...process.env, HOME: folder },
    });
    await once(child, 'spawn');
    made.happen({ type: 'pipeline-started' });
    return made;
  }

  const files = {
    name: null,
    paths: ['out/'],
    exclude: [],
    untracked: false,
    when: 'on_success' as const,
    expireIn: '1 week',
    exposeAs: null,
    access: 'all' as const,
    reports: { junit: ['junit.xml'] },
  };

  test('builds, hands its artifacts on, reports its tests and runs after_script', async () => {
    const make = 'mkdir out && cat greeting.txt > out/a.txt && echo "<testsuites/>" > junit.xml';
    const made = await start({
      build: [
        { ...job('compile'), script: [make], afterScript: ['echo after: $CI_JOB_NAME'], artifacts: files },
      ],
      test: [{ ...job('unit'), script: ['cat out/a.txt'] }],
    });
    await made.until(() => made.status() === 'success');
    expect(await made.traceOf(1)).toContain('after: compile');
    expect(await made.traceOf(2)).toContain('hello from git');
    expect(made.handedOut().map(({ ending }) => ending?.traceProblem)).toEqual([null, null]);
    expect(made.handedOut()[0]?.artifacts.get('junit')?.format).toBe('gzip');
    expect(gunzipSync(await made.artifactOf(1, 'junit')).toString()).toContain('<testsuites/>');
  });

  test('tries a failed job again, with the exit code and reason that the runner tells', async () => {
    const made = await start({ test: [{ ...job('fails', { retry: { max: 1 } }), script: ['exit 7'] }] });
    await made.until(() => made.status() === 'failed');
    const ending = { status: 'failed', reason: 'script_failure', exitCode: 7, traceProblem: null };
    expect(made.handedOut().map((one) => one.ending)).toEqual([ending, ending]);
  });

  test('ends a job that takes too long', async () => {
    const made = await start({ test: [{ ...job('slow'), script: ['sleep 300'], timeoutSeconds: 3 }] });
    await made.until(() => made.status() === 'failed');
    expect(made.handedOut()[0]?.ending?.reason).toBe('job_execution_timeout');
  });

  // A job that prints is told at its next bytes; a silent one when the runner next says that it is there (30 s).
  test.each([
    ['prints', 'while sleep 0.5; do echo tick; done', 10_000],
    ['is silent', 'while sleep 0.5; do true; done', 45_000],
  ])('shows the log while a job that %s runs, and stops it when canceled', async (_name, loop, timeout) => {
    const marker = `mark-${randomUUID()}`;
    const made = await start({
      test: [{ ...job('endless'), script: ['echo started', `bash -c '${loop}' ${marker}`] }],
    });
    const isRunning = () =>
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`done ${marker}`);
    await expect.poll(() => made.traceOf(1).catch(() => ''), { timeout: 60_000 }).toContain('started');
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(true);
    made.happen({ type: 'pipeline-canceled' });
    await expect.poll(isRunning, { timeout }).toBe(false);
    expect(made.status()).toBe('canceled');
  });
}
