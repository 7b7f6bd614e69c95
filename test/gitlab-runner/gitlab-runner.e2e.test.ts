import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startCiServer } from '../runner/ci-server.ts';
import { describeRunner } from '../runner/runner.contract.ts';
import { startSlipwayRunner } from '../runner/slipway-runner.ts';
import { temporaryFolder } from '../runner/temporary-folder.ts';
import { abilitiesOf, startGitlabRunner, versionOf } from './start-gitlab-runner.ts';

/** The official, unmodified runner of GitLab against our server; GITLAB_RUNNER names its program. */
const program = process.env.GITLAB_RUNNER;

const LONG = { timeout: 90_000, interval: 100 };

const SHELL = [
  ...['executor = "shell"', 'shell = "bash"'],
  ...['builds_dir = "$FOLDER/builds"', 'cache_dir = "$FOLDER/cache"'],
];

if (program === undefined) {
  test('the official gitlab-runner', ({ skip }) =>
    skip('GITLAB_RUNNER does not name a gitlab-runner program'));
} else {
  describeRunner(
    'the official gitlab-runner',
    (server) => startGitlabRunner(program, server, SHELL),
    abilitiesOf(versionOf(program)),
  );

  const { interrupts, hidesTokens } = abilitiesOf(versionOf(program));

  test('the official gitlab-runner and slipway runner work side by side', async () => {
    const server = await startCiServer();
    const to = { url: server.url, token: server.runnerToken };
    await startGitlabRunner(program, to, SHELL);
    const own = await startSlipwayRunner(to);
    await expect.poll(() => own.said(), { timeout: 30_000 }).toContain('waiting for jobs');
    await server.push({ '.gitlab-ci.yml': 'many:\n  parallel: 12\n  script: [sleep 1]\n' });
    const ended = async () => new Set(Object.values(await server.statuses()));
    await expect.poll(ended, { timeout: 120_000 }).toEqual(new Set(['success']));
    const names = Object.keys(await server.jobs());
    const logs = await Promise.all(names.map((name) => server.log(name)));
    const official = logs.filter((log) => log.includes('Running with gitlab-runner')).length;
    expect(names).toHaveLength(12);
    expect(official).toBeGreaterThan(0);
    expect(official).toBeLessThan(12);
  });

  test('a job of the official gitlab-runner that has to end at once goes on elsewhere', async () => {
    const server = await startCiServer();
    const to = { url: server.url, token: server.runnerToken };
    const first = await startGitlabRunner(program, to, SHELL);
    // Whoever comes second finds what the first has left, and need not wait.
    const script = `[echo started, 'test -e "$LEFT/here" || { touch "$LEFT/here"; sleep 300; }']`;
    const left = await temporaryFolder();
    await server.push({ '.gitlab-ci.yml': `long:\n  variables: { LEFT: '${left}' }\n  script: ${script}\n` });
    await expect.poll(() => server.log('long').catch(() => ''), LONG).toContain('started');
    first.kill('SIGTERM');
    await first.ended;
    await startGitlabRunner(program, to, SHELL);
    const attempts = async () => (await server.attempts('long')).map(({ status }) => status);
    // Older ones say that the job failed because of them, which is for its own `retry` to decide.
    await expect.poll(attempts, LONG).toEqual(interrupts ? ['failed', 'success'] : ['failed']);
  });

  test('the official gitlab-runner does without a job router, and git without a token in its address', async () => {
    const server = await startCiServer();
    await startGitlabRunner(program, { url: server.url, token: server.runnerToken }, [
      ...SHELL,
      '[runners.feature_flags]',
      ...['FF_USE_JOB_ROUTER = true', 'FF_GIT_URLS_WITHOUT_TOKENS = true', 'FF_TIMESTAMPS = false'],
    ]);
    await server.push({
      'greeting.txt': 'hello from git\n',
      '.gitlab-ci.yml': 'read:\n  script: [cat greeting.txt, git config --get remote.origin.url]\n',
    });
    await expect.poll(() => server.statuses(), LONG).toEqual({ read: 'success' });
    const log = await server.log('read');
    expect(log).toContain('hello from git');
    expect(log.includes('//gitlab-ci-token:')).toBe(!hidesTokens);
  });

  test('the official gitlab-runner registers, verifies and unregisters', async () => {
    const server = await startCiServer();
    const folder = await temporaryFolder();
    const config = join(folder, 'config.toml');
    const run = promisify(execFile);
    const toServer = ['--config', config, '--url', server.url, '--non-interactive', '--executor', 'shell'];
    await run(program, ['register', ...toServer, '--registration-token', server.registrationToken]);
    await run(program, ['register', ...toServer, '--token', server.runnerToken]);
    await run(program, ['verify', '--config', config]);
    await run(program, ['unregister', '--config', config, '--all-runners']);
    await expect(
      run(program, ['verify', '--config', config, '--url', server.url, '--token', server.runnerToken]),
    ).rejects.toThrow();
  });
}
