import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startCiServer } from './ci-server.ts';
import { startNetwork } from './network.ts';
import { describeRunner } from './runner.contract.ts';
import { startProcess } from './running-process.ts';
import { environmentIn, SLIPWAY, slipway, startSlipwayRunner } from './slipway-runner.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startTlsFront } from './tls-front.ts';

describeRunner('slipway runner', startSlipwayRunner);

const LONG = { timeout: 90_000, interval: 100 };
const ENDLESS = `
endless:
  script: [echo started, sleep 300]
`;

describe('a machine that goes away', () => {
  test.each([
    { how: 'is told twice', signals: ['SIGTERM', 'SIGTERM'], more: [] },
    { how: 'has no time', signals: ['SIGUSR2'], more: [] },
    { how: 'lets a job take no longer', signals: ['SIGTERM'], more: ['--drain-timeout', '1s'] },
  ] as const)('and $how gives its jobs back, and another runner does them', async ({ signals, more }) => {
    const server = await startCiServer();
    const to = { url: server.url, token: server.runnerToken };
    const first = await startSlipwayRunner(to, ...more);
    await server.push({ '.gitlab-ci.yml': ENDLESS });
    await expect.poll(() => server.log('endless').catch(() => ''), LONG).toContain('started');
    for (const signal of signals) {
      first.kill(signal);
      await expect.poll(() => first.said(), LONG).toMatch(/no more jobs|Giving/);
    }
    expect(await first.ended).toBe(130);
    const [given] = await server.attempts('endless');
    expect(given).toMatchObject({ status: 'failed', failure_reason: 'runner_system_failure' });
    expect(await server.logOf(given?.id ?? 0)).toContain('given back for another one');
    expect(await server.statuses()).toEqual({ endless: 'pending' });
    await startSlipwayRunner(to);
    await expect.poll(() => server.statuses(), LONG).toEqual({ endless: 'running' });
  });

  test('and is killed leaves nothing that the next runner does not remove', async () => {
    const server = await startCiServer();
    const home = await temporaryFolder();
    const start = () =>
      startProcess(SLIPWAY, ['runner', 'run', '--url', server.url, '--executor', 'shell'], {
        ...environmentIn(home),
        SLIPWAY_RUNNER_TOKEN: server.runnerToken,
      });
    const first = await start();
    await server.push({ '.gitlab-ci.yml': ENDLESS });
    await expect.poll(() => server.log('endless').catch(() => ''), LONG).toContain('started');
    first.kill('SIGKILL');
    await first.ended;
    const scratch = join(home, '.local/state/slipway/runner');
    const [abandoned] = await readdir(scratch);
    expect(abandoned).toBeDefined();
    const second = await start();
    await expect.poll(() => second.said(), LONG).toContain('waiting for jobs');
    expect(await readdir(scratch)).not.toContain(abandoned);
    second.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(await readdir(scratch)).toEqual([]);
  });
});

test('a connection that is dead without a word is given up, and the job goes on', async () => {
  const server = await startCiServer();
  const network = await startNetwork(server.url);
  await startSlipwayRunner({ url: network.url, token: server.runnerToken });
  await server.push({
    '.gitlab-ci.yml': "counts:\n  script: ['for i in $(seq 1 50); do echo line $i; sleep 0.1; done']\n",
  });
  await expect.poll(() => server.log('counts').catch(() => ''), LONG).toContain('line 3');
  network.cut();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  network.mend('quietly');
  await expect.poll(() => server.statuses(), LONG).toEqual({ counts: 'success' });
  const lines = (await server.log('counts')).match(/^line \d+/gm);
  expect(lines).toEqual(Array.from({ length: 50 }, (_, index) => `line ${index + 1}`));
});

test('artifacts that are larger than the server takes fail the job at once, in words', async () => {
  const server = await startCiServer({ limits: { artifactBytes: 1024 * 1024 } });
  await startSlipwayRunner({ url: server.url, token: server.runnerToken });
  await server.push({
    '.gitlab-ci.yml':
      'big:\n  script: [head -c 20000000 /dev/urandom > big]\n  artifacts: { paths: [big] }\n',
  });
  await expect.poll(() => server.statuses(), { timeout: 30_000 }).toEqual({ big: 'failed' });
  expect(await server.log('big')).toContain('413 Request Entity Too Large');
});

test('submodules, depth and branches are as the job wants them', async () => {
  const server = await startCiServer();
  await startSlipwayRunner({ url: server.url, token: server.runnerToken });
  await server.push({ 'one.txt': '1' });
  await server.addSubmodule('team/library', 'library', { 'lib.txt': 'from the library\n' });
  await server.push({
    '.gitmodules': '[submodule "library"]\n\tpath = library\n\turl = ../library.git\n',
    '.gitlab-ci.yml': `
with:
  variables: { GIT_SUBMODULE_STRATEGY: recursive, GIT_DEPTH: 1 }
  script: [cat library/lib.txt, 'echo depth $(git rev-list --count HEAD)', git submodule status]
without:
  script: ['ls library | wc -l | sed s/^/files:/', 'git branch -r', 'git status --porcelain | wc -l | sed s/^/changed:/']
`,
  });
  await expect.poll(() => server.statuses(), LONG).toEqual({ with: 'success', without: 'success' });
  expect(await server.log('with')).toContain('from the library');
  expect(await server.log('with')).toContain('depth 1');
  expect(await server.log('without')).toMatch(/files:\s*0/);
  expect(await server.log('without')).toMatch(/changed:\s*0/);
  expect(await server.log('without')).toContain('origin/main');
});

test('a server with a certificate of its own is reached when it is trusted, by git and by jobs too', async () => {
  const front = await startTlsFront();
  const server = await startCiServer({ url: front.url });
  front.leadTo(server.address);
  const to = { url: front.url, token: server.runnerToken };
  const stranger = await startSlipwayRunner(to);
  await expect.poll(() => stranger.said(), LONG).toContain('self-signed certificate');
  stranger.kill('SIGTERM');
  await startSlipwayRunner(to, '--tls-ca-file', front.certificate);
  await server.push({
    '.gitlab-ci.yml': `
one:
  stage: build
  script: [echo 1 > one.txt, 'curl -sf --cacert "$CI_SERVER_TLS_CA_FILE" $CI_SERVER_URL/-/health || echo no curl']
  artifacts: { paths: [one.txt] }
two:
  stage: test
  script: [cat one.txt]
`,
  });
  await expect.poll(() => server.statuses(), LONG).toEqual({ one: 'success', two: 'success' });
  expect(await server.log('one')).toContain('"ok"');
});

test('a server that goes away as it gives out a job is waited for, with the sources too', async () => {
  const server = await startCiServer();
  const runner = await startSlipwayRunner({ url: server.url, token: server.runnerToken });
  await expect.poll(() => runner.said(), LONG).toContain('waiting for jobs');
  const isTaken = expect.poll(() => runner.said(), { ...LONG, interval: 1 }).toContain('taken');
  await server.push({ '.gitlab-ci.yml': 'one:\n  script: [ls -a]\n' });
  await isTaken;
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await server.start();
  await expect.poll(() => server.statuses(), LONG).toEqual({ one: 'success' });
});

test('no token is to be seen on the machine while a job runs', async () => {
  const server = await startCiServer();
  await startSlipwayRunner({ url: server.url, token: server.runnerToken });
  const mark = randomUUID();
  await server.push({
    '.gitlab-ci.yml': `
look:
  script:
    - echo ${mark}
    - 'git remote -v'
    - 'grep -rq "$CI_JOB_TOKEN" .git && echo found in .git || echo not in .git'
    - 'git fetch -q origin main && echo fetched'
    - sleep 1
`,
  });
  await expect.poll(() => server.log('look').catch(() => ''), LONG).toContain(mark);
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  expect(commands).not.toContain(server.runnerToken);
  expect(commands).not.toContain('glcbt-');
  await expect.poll(() => server.statuses(), LONG).toEqual({ look: 'success' });
  const log = await server.log('look');
  expect(log).toMatch(/^Running with slipway \d\S* on \S+ \(r_[0-9a-f]{12}\)\n/);
  expect(log).toContain('not in .git');
  expect(log).toContain('fetched');
  expect(log).not.toContain('glcbt-');
});

describe('runners that are written down', () => {
  test('are registered, listed, verified, run and unregistered', async () => {
    const server = await startCiServer();
    const home = await temporaryFolder();
    await writeFile(join(home, 'token'), `${server.runnerToken}\n`);
    const config = join(home, '.config/slipway/runner.json');
    const to = ['--url', server.url];
    await slipway(home, ['runner', 'register', ...to, '--name', 'one', '--token-file', 'token']);
    await slipway(
      home,
      ['runner', 'register', ...to, '--name', 'two', '--registration-token-file', '-', '--tag', 'special'],
      {
        input: server.registrationToken,
      },
    );
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    const listed = await slipway(home, ['runner', 'list']);
    expect(listed.stdout).toMatch(/^one .*\ntwo .*\n$/);
    expect(listed.stdout).not.toContain('glrt');
    expect((await slipway(home, ['runner', 'verify'])).stdout).toMatch(
      /^one: .*knows it\ntwo: .*knows it\n$/,
    );

    const running = await startProcess(SLIPWAY, ['runner', 'run', '--json', '-j', '2'], environmentIn(home));
    await server.push({
      '.gitlab-ci.yml':
        'tagged:\n  tags: [special]\n  script: [echo hello]\nplain:\n  script: [echo hello]\n',
    });
    await expect.poll(() => server.statuses(), LONG).toEqual({ tagged: 'success', plain: 'success' });
    running.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    const events = running
      .said()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    const ended = events
      .filter(({ type }) => type === 'job-ended')
      .map(({ runner, status }) => [runner, status]);
    expect(ended.sort()).toEqual([
      ['one', 'success'],
      ['two', 'success'],
    ]);

    await slipway(home, ['runner', 'unregister', 'two']);
    expect(JSON.parse(await readFile(config, 'utf8')).runners).toHaveLength(1);
    await slipway(home, ['runner', 'unregister', '--all']);
    const after = await slipway(home, [
      'runner',
      'register',
      ...to,
      '--name',
      'one',
      '--token-file',
      'token',
    ]);
    expect(after).toMatchObject({ code: 1, stderr: expect.stringContaining('runner-refused') });
  });

  test('that the server does not know end the command', async () => {
    const server = await startCiServer();
    const runner = await startSlipwayRunner({ url: server.url, token: 'glrt-nobody-knows-this' });
    expect(await runner.ended).toBe(1);
    expect(runner.said()).toContain('does not know this runner');
  });
});
