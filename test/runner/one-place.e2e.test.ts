import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CiServer, startCiServer } from './ci-server.ts';
import { type RunnerProcess, startProcess } from './running-process.ts';
import { environmentIn, SLIPWAY } from './slipway-runner.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Builds of Google Cloud Build, from a push to a runner that is a process of its own. */

/** The steps run in this machine's shell. */
const SETTINGS = 'builders:\n  bash: { command: bash }\n';

test('the steps of a build share their files, and wait for each other as waitFor says', async () => {
  const { server, home, start } = await place();
  await start('--concurrency', '3');
  await server.push({
    'slipway.yml': SETTINGS,
    'cloudbuild.yaml': `
substitutions: { _WHO: world }
steps:
- { name: bash, id: one, script: 'echo 1 > one; until [ -e two ]; do sleep 0.05; done; echo "saw two"; pwd', waitFor: ['-'] }
- { name: bash, id: two, script: 'until [ -e one ]; do sleep 0.05; done; touch two; rm slipway.yml', waitFor: ['-'] }
- name: bash
  id: after
  args: ['-c', 'test ! -e slipway.yml; echo "hello $_WHO" > $$HOME/greeting; echo kept > /kept/file; mkdir deep; exit 3']
  volumes: [{ name: kept, path: /kept }]
  allowFailure: true
  waitFor: [one, two]
- { name: bash, id: last, dir: deep, args: ['-c', 'cat $$HOME/greeting /kept/file ../one; pwd'], volumes: [{ name: kept, path: /kept }] }
- { name: bash, id: end, script: echo the end > deep/result }
artifacts: { objects: { location: 'gs://bucket/', paths: ['deep/*'] } }
`,
  });
  await expect
    .poll(() => server.statuses(), PATIENCE)
    .toEqual({
      ...{
        one: 'success',
        two: 'success',
        after: 'failed',
        last: 'success',
        end: 'success',
        'upload artifacts': 'success',
      },
    });
  expect(await server.log('one')).toMatch(/^saw two\n\/workspace$/m);
  expect(await server.log('last')).toMatch(/^hello world\nkept\n1\n\/workspace\/deep$/m);
  expect(await server.artifact('upload artifacts', 'archive')).not.toBeNull();
  expect((await server.jobs()).after).toMatchObject({ exit_code: 3, allow_failure: 1 });
  await expect.poll(() => filesOf(home), PATIENCE).toEqual([]);
});

test('with room for one, steps run one after the other; one that fails ends the build', async () => {
  const { server, home, start } = await place();
  await start('--concurrency', '1');
  await server.push({
    'slipway.yml': SETTINGS,
    'cloudbuild.yaml': `
steps:
- { name: bash, id: one, script: 'mkdir lock && sleep 0.3 && rmdir lock', waitFor: ['-'] }
- { name: bash, id: two, script: 'mkdir lock && sleep 0.3 && rmdir lock', waitFor: ['-'] }
- { name: bash, id: slow, timeout: 1s, allowFailure: true, script: 'sleep 60' }
- { name: bash, id: fails, script: 'echo so; exit 7' }
- { name: bash, id: never, script: echo never }
`,
  });
  await expect
    .poll(() => server.statuses(), PATIENCE)
    .toEqual({
      ...{ one: 'success', two: 'success', slow: 'failed', fails: 'failed', never: 'canceled' },
    });
  const { slow, fails } = await server.jobs();
  expect(slow).toMatchObject({ failure_reason: 'job_execution_timeout' });
  expect(fails).toMatchObject({ failure_reason: 'script_failure', exit_code: 7 });
  await expect.poll(() => filesOf(home), PATIENCE).toEqual([]);
});

test('a runner that is killed takes its builds with it; the next one says so, and begins them again', async () => {
  const { server, home, start } = await place();
  const killed = await start();
  await server.push({
    'slipway.yml': SETTINGS,
    'cloudbuild.yaml': `
steps:
- { name: bash, id: first, script: echo made > made }
- { name: bash, id: second, script: 'cat made; echo begun; sleep 600' }
- { name: bash, id: third, script: cat made }
`,
  });
  await expect.poll(() => server.log('second'), PATIENCE).toContain('begun');
  killed.kill('SIGKILL');
  await killed.ended;
  expect(await filesOf(home)).not.toEqual([]);

  const next = await start();
  await expect
    .poll(() => server.statuses(), PATIENCE)
    .toEqual({
      ...{ first: 'success', second: 'failed', third: 'canceled' },
    });
  await expect
    .poll(() => server.log('second'), PATIENCE)
    .toMatch(/are gone: the runner that had them has ended/);
  expect(await filesOf(home)).toEqual([]);

  await server.retry();
  await expect.poll(() => server.statuses(), PATIENCE).toMatchObject({ first: 'success', second: 'running' });
  await expect.poll(() => server.log('second'), PATIENCE).toContain('begun');
  // A person who has seen enough leaves nothing behind either.
  await server.cancel();
  await expect
    .poll(() => server.statuses(), PATIENCE)
    .toMatchObject({ second: 'canceled', third: 'canceled' });
  await expect.poll(() => filesOf(home), PATIENCE).toEqual([]);
  next.kill('SIGTERM');
  expect(await next.ended).toBe(0);
});

test('a runner that is told to end goes on with its build, and with nothing else', async () => {
  const { server, home, start } = await place();
  const draining = await start('--concurrency', '1');
  await server.push({
    'slipway.yml': SETTINGS,
    'cloudbuild.yaml': `
steps:
- { name: bash, id: first, script: 'echo begun; sleep 1; echo made > made' }
- { name: bash, id: second, script: cat made }
- { name: bash, id: third, script: cat made }
`,
  });
  await expect.poll(() => server.log('first'), PATIENCE).toContain('begun');
  draining.kill('SIGTERM');
  expect(await draining.ended).toBe(0);
  expect(await server.statuses()).toEqual({ first: 'success', second: 'success', third: 'success' });
  expect(await readdir(join(home, '.local/state/slipway/runner')).catch(() => [])).toEqual([]);
});

const PATIENCE = { timeout: 60_000, interval: 100 };

interface Place {
  readonly server: CiServer;
  readonly home: string;
  /** A runner that keeps its files where the one before did. */
  start(...more: readonly string[]): Promise<RunnerProcess>;
}

async function place(): Promise<Place> {
  const [server, home] = [await startCiServer(), await temporaryFolder()];
  return {
    ...{ server, home },
    start(...more) {
      const args = ['runner', 'run', '--url', server.url, '--executor', 'shell', ...more];
      const environment = { ...environmentIn(home), SLIPWAY_RUNNER_TOKEN: server.runnerToken };
      return startProcess(SLIPWAY, args, environment);
    },
  };
}

/** Working copies and volumes in the folders of the runners. */
async function filesOf(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, '.local/state/slipway/runner'), { recursive: true });
  return names.filter((name) => /(?:workspace|volume)-[^/]*$/.test(name));
}
