import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type CiServer, startCiServer } from './ci-server.ts';
import { startNetwork } from './network.ts';
import type { RunnerProcess } from './running-process.ts';

/** Starts a runner for two jobs at once, whose jobs have git and bash, by itself or as another program. */
export type StartRunner = (server: {
  readonly url: string;
  readonly token: string;
}) => Promise<RunnerProcess>;

const LONG = { timeout: 90_000, interval: 100 };

/**
 * What a server and any runner of its protocol do together.
 *
 * @param endsInPeace runs the after_script of a job that is canceled; old runners do not
 * @param confirms says when it has a job that it was given (`two_phase_job_commit`)
 * @param host where the server listens, for jobs that cannot reach this machine at 127.0.0.1
 */
export function describeRunner(
  name: string,
  start: StartRunner,
  {
    endsInPeace = true,
    confirms = false,
    host = '127.0.0.1',
  }: { readonly endsInPeace?: boolean; readonly confirms?: boolean; readonly host?: string } = {},
): void {
  async function launch(pipeline: string, files: Readonly<Record<string, string>> = {}) {
    const server = await startCiServer({ host });
    const runner = await start({ url: server.url, token: server.runnerToken });
    await server.push({ 'greeting.txt': 'hello from git\n', '.gitlab-ci.yml': pipeline, ...files });
    return { server, runner };
  }

  const becomes = (server: CiServer, statuses: Readonly<Record<string, string>>) =>
    expect.poll(() => server.statuses(), LONG).toEqual(statuses);

  describe(name, () => {
    test('builds, hands its artifacts on, reports its tests and runs after_script', async () => {
      const { server } = await launch(`
compile:
  stage: build
  script:
    - mkdir out && cat greeting.txt > out/a.txt
    - echo '<testsuites><testsuite name="s"><testcase name="c"/></testsuite></testsuites>' > junit.xml
  after_script: ['echo after: $CI_JOB_NAME $CI_JOB_STATUS']
  artifacts: { paths: [out/], reports: { junit: junit.xml } }
unit:
  stage: test
  script: [cat out/a.txt, 'test -e .git', 'git log -1 --format=%H > head', 'test $(cat head) = $CI_COMMIT_SHA']
empty:
  stage: test
  variables: { GIT_STRATEGY: none }
  needs: []
  script: ['test ! -e greeting.txt']
`);
      await becomes(server, { compile: 'success', unit: 'success', empty: 'success' });
      expect(await server.log('compile')).toContain('after: compile success');
      expect(await server.log('unit')).toContain('hello from git');
      const report = await server.artifact('compile', 'junit');
      expect(report === null ? '' : gunzipSync(report).toString()).toContain('<testcase name="c"/>');
    });

    test('hands variables to later jobs by a dotenv report, and hides what is masked', async () => {
      const { server } = await launch(`
version:
  stage: build
  script: ['echo VERSION=1.2.3 > v.env', 'echo token $CI_JOB_TOKEN']
  artifacts: { reports: { dotenv: v.env } }
use:
  stage: test
  script: ['echo "version is $VERSION"']
`);
      await becomes(server, { version: 'success', use: 'success' });
      expect(await server.log('use')).toContain('version is 1.2.3');
      expect(await server.log('version')).toContain('token [MASKED]');
    });

    test('keeps what a failed job has made, and tells its exit code', async () => {
      const { server } = await launch(`
fails:
  script: ['echo why > why.txt', exit 7]
  retry: 1
  artifacts: { when: on_failure, paths: [why.txt] }
`);
      await becomes(server, { fails: 'failed' });
      const { fails } = await server.jobs();
      expect(fails).toMatchObject({ attempt: 2, failure_reason: 'script_failure', exit_code: 7 });
      expect(await server.artifact('fails', 'archive')).not.toBeNull();
    });

    test('keeps a cache from job to job', async () => {
      const { server } = await launch(`
default:
  cache: { key: shared, paths: [cached/] }
fill:
  stage: build
  script: [mkdir -p cached, echo filled > cached/file]
look:
  stage: test
  script: [cat cached/file]
`);
      await becomes(server, { fill: 'success', look: 'success' });
    });

    test('ends a job that takes too long', async () => {
      const { server } = await launch('slow:\n  script: [sleep 300]\n  timeout: 4 seconds\n');
      await becomes(server, { slow: 'failed' });
      expect((await server.jobs()).slow?.failure_reason).toBe('job_execution_timeout');
    });

    // A job that prints is told at its next bytes; a silent one when the runner next says that it is there.
    test.each([
      ['prints', 'while sleep 0.5; do echo tick; done', 10_000],
      ['is silent', 'while sleep 0.5; do true; done', 45_000],
    ])('shows the log while a job that %s runs, and cancels it', async (_name, loop, timeout) => {
      const marker = `mark-${randomUUID()}`;
      const { server } = await launch(`
endless:
  script: [echo started, "bash -c '${loop}' ${marker}"]
  after_script: [echo cleaned up as $CI_JOB_STATUS]
`);
      const isRunning = () =>
        execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`done ${marker}`);
      await expect.poll(() => server.log('endless').catch(() => ''), LONG).toContain('started');
      await expect.poll(isRunning, LONG).toBe(true);
      await server.cancel();
      await expect.poll(isRunning, { timeout }).toBe(false);
      await becomes(server, { endless: 'canceled' });
      if (endsInPeace) expect(await server.log('endless')).toContain('cleaned up as canceled');
    });

    test('goes on while the server restarts, and loses nothing of the log', async () => {
      const { server } = await launch(`
counts:
  script: ['for i in $(seq 1 60); do echo line $i; sleep 0.1; done', 'echo done > done.txt']
  artifacts: { paths: [done.txt] }
`);
      await expect.poll(() => server.log('counts').catch(() => ''), LONG).toContain('line 3');
      await server.stop();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await server.start();
      await becomes(server, { counts: 'success' });
      const lines = (await server.log('counts')).match(/^line \d+/gm);
      expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
      expect(await server.artifact('counts', 'archive')).not.toBeNull();
    });

    test('goes on while the network is cut', async () => {
      const server = await startCiServer({ host });
      const network = await startNetwork(server.url);
      await start({ url: network.url, token: server.runnerToken });
      await server.push({
        '.gitlab-ci.yml': "counts:\n  script: ['for i in $(seq 1 60); do echo line $i; sleep 0.1; done']\n",
      });
      await expect.poll(() => server.log('counts').catch(() => ''), LONG).toContain('line 3');
      network.cut();
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      network.mend();
      await becomes(server, { counts: 'success' });
      const lines = (await server.log('counts')).match(/^line \d+/gm);
      expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
    });

    test('gets a job again that was lost on its way to it', async () => {
      const server = await startCiServer({ host, limits: { silentRunnerMs: 60_000 } });
      const network = await startNetwork(server.url);
      network.loseAnswer(201);
      await start({ url: network.url, token: server.runnerToken });
      await server.push({ '.gitlab-ci.yml': 'quick:\n  script: [echo done]\n' });
      await becomes(server, { quick: 'success' });
      const attempts = (await server.attempts('quick')).map(({ status }) => status);
      // Of one that does not say when it has a job, nobody knows that it never had it.
      expect(attempts).toEqual(confirms ? ['success'] : ['failed', 'success']);
    });

    test('finishes its jobs when it is to end, and takes no more', async () => {
      // Longer than any runner keeps a line of a log to itself: the signal comes while the job runs.
      const { server, runner } = await launch(`
slow:
  stage: build
  script: [echo started, sleep 12, echo finished]
next:
  stage: test
  script: [echo never]
`);
      await expect.poll(() => server.log('slow').catch(() => ''), LONG).toContain('started');
      runner.kill('SIGQUIT');
      await runner.ended;
      expect(await server.statuses()).toEqual({ slow: 'success', next: 'pending' });
      expect(await server.log('slow')).toContain('finished');
    });
  });
}
