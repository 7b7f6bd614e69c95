import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BASE_IMAGE, docker, requireEngine } from '../docker/docker-world.ts';
import { command, output } from '../world/command.ts';

/** A run that is killed leaves containers, a network, folders; the next run of anything removes them and passes. */

const slipway = join(import.meta.dirname, '../../bin/slipway');
let repository: string;
let state: string;

beforeAll(async () => {
  await requireEngine();
  repository = await mkdtemp(join(tmpdir(), 'slipway-killed-'));
  state = await mkdtemp(join(tmpdir(), 'slipway-state-'));
  await writeFile(
    join(repository, '.gitlab-ci.yml'),
    `
default: {image: "${BASE_IMAGE}"}
with-service:
  services: [{name: "${BASE_IMAGE}", alias: helper, command: [sleep, "1000"]}]
  script: [echo begun, 'test -f go-on || sleep 1000']
plain: {script: [echo begun, 'test -f go-on || sleep 1000']}
on-this-machine: {script: [echo begun, 'test -f go-on || sleep 1000']}
`,
  );
  await output('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repository });
});

afterAll(async () => {
  await Promise.all([repository, state].map((path) => rm(path, { recursive: true, force: true })));
});

test('kill -9 in the middle of docker jobs, then a run that cleans up and passes', async () => {
  const killed = start();
  const owned = ['--filter', `label=dev.slipway.owner-pid=${killed.pid}`];
  const output = createInterface({ input: killed.stdout ?? process.stdin });
  const begun = new Set<string>();
  for await (const line of output) {
    const event: unknown = JSON.parse(line);
    if (isBegun(event)) begun.add(event.job);
    if (begun.size === 3) break;
  }
  expect((await docker('ps', '--quiet', ...owned)).split('\n')).toHaveLength(4);
  expect(await docker('network', 'ls', '--quiet', ...owned)).not.toBe('');

  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await docker('ps', '--quiet', ...owned)).not.toBe('');
  expect(await scratch()).toHaveLength(1);

  await writeFile(join(repository, 'go-on'), '');
  const next = await command(slipway, ['run', '--plain', '--concurrency', '3'], {
    cwd: repository,
    env: environment(),
  });
  expect(next.exitCode, next.stdout + next.stderr).toBe(0);
  expect(next.stdout).toContain('Removed what a killed run left');
  expect(await docker('ps', '--all', '--quiet', ...owned)).toBe('');
  expect(await docker('network', 'ls', '--quiet', ...owned)).toBe('');
  expect(await docker('volume', 'ls', '--quiet', ...owned)).toBe('');
  expect(await scratch()).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the jobs in order and leaves nothing', async (signal) => {
  await rm(join(repository, 'go-on'), { force: true });
  const run = start();
  const owned = ['--filter', `label=dev.slipway.owner-pid=${run.pid}`];
  for await (const line of createInterface({ input: run.stdout ?? process.stdin })) {
    const event: unknown = JSON.parse(line);
    if (isBegun(event) && event.job === 'with-service') run.kill(signal);
  }
  if (run.exitCode === null) await once(run, 'exit');
  expect(run.exitCode).toBe(130);
  expect(await docker('ps', '--all', '--quiet', ...owned)).toBe('');
  expect(await docker('network', 'ls', '--quiet', ...owned)).toBe('');
  expect(await scratch()).toEqual([]);
});

function start(): ChildProcess {
  return spawn(slipway, ['run', '--json', '--concurrency', '3'], {
    cwd: repository,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, XDG_STATE_HOME: join(state, 'state'), XDG_CACHE_HOME: join(state, 'cache') };
}

async function scratch(): Promise<readonly string[]> {
  return readdir(join(state, 'state', 'slipway', 'scratch'));
}

function isBegun(event: unknown): event is { readonly job: string } {
  return (
    typeof event === 'object' &&
    event !== null &&
    'type' in event &&
    event.type === 'job-log' &&
    'text' in event &&
    typeof event.text === 'string' &&
    /^begun$/m.test(event.text)
  );
}
