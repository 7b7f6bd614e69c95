import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScriptResult } from '../../src/runner/index.ts';
import { removeAbandonedContainers } from '../../src/runner/index.ts';
import type { MemoryLog, World } from './docker-world.ts';
import {
  BASE_IMAGE,
  buildImage,
  createWorld,
  docker,
  leftovers,
  memoryLog,
  requireEngine,
  service,
} from './docker-world.ts';

let world: World;

const owners = new Set<ChildProcess>();

beforeAll(async () => {
  await requireEngine();
  // What owners run; no other file of tests needs to have come before.
  await promisify(execFile)(join(import.meta.dirname, '../images/dind/build.sh'));
  world = await createWorld();
});

afterAll(async () => {
  // Of a test that failed: they would live on and keep this process from ending.
  for (const owner of owners) owner.kill('SIGKILL');
  await removeAbandonedContainers({ env: {} });
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

describe('aborting a script', () => {
  it.each([
    { case: 'a child that waits', script: 'echo up; sleep 1000' },
    { case: 'a shell that computes', script: 'echo up; while :; do :; done' },
    { case: 'a child whose failure is ignored', script: 'echo up; sleep 1000 || true; sleep 1000' },
    { case: 'processes in the background', script: 'sleep 1000 & sleep 1000 & echo up; wait' },
  ])('ends $case with SIGTERM', async ({ script }) => {
    const { result } = await abortWhen('up', script, 600);
    expect(await result).toEqual({ kind: 'aborted' });
  });

  it('lets the script clean up', async () => {
    const { result, log } = await abortWhen(
      'up',
      'trap "echo cleaned; exit 1" TERM; echo up; sleep 1000 & wait',
      600,
    );
    expect(await result).toEqual({ kind: 'aborted' });
    expect(log.text()).toBe('up\ncleaned\n');
  });

  it('kills what ignores SIGTERM when the grace is over', async () => {
    const { result } = await abortWhen('up', 'trap "" TERM; echo up; while :; do sleep 1000; done', 0);
    expect(await result).toEqual({ kind: 'aborted' });
  });

  it('leaves room for the script after it', async () => {
    const { result, environment } = await abortWhen('up', 'echo up; sleep 1000', 600);
    await result;
    const log = memoryLog();
    const after = await environment.run({
      script: 'echo after',
      log,
      signal: new AbortController().signal,
      graceSeconds: 1,
    });
    expect({ after, output: log.text() }).toEqual({
      after: { kind: 'exited', exitCode: 0 },
      output: 'after\n',
    });
  });
});

describe('a container that goes away under the script', () => {
  it('is lost when somebody removes it', async () => {
    const { running, name } = await startAndWaitFor('up', 'echo up; sleep 1000');
    await docker('rm', '--force', name);
    expect(await running).toEqual({ kind: 'lost', reason: expect.stringContaining('removed') });
  });

  it('has an exit code when somebody kills it', async () => {
    const { running, name } = await startAndWaitFor('up', 'echo up; sleep 1000');
    await docker('kill', name);
    expect(await running).toEqual({ kind: 'exited', exitCode: 137 });
  });

  it('is lost when it runs out of memory', async () => {
    const small = await createWorld({ memoryBytes: 16 * 1024 * 1024 });
    try {
      const outcome = await small.runJob({}, 'set -e; dd if=/dev/zero of=/dev/null bs=200M count=1');
      expect(outcome.result).toBe('lost: the container ran out of memory (its limit is 16 MiB)');
    } finally {
      await small[Symbol.asyncDispose]();
    }
  });

  it('is lost when the engine goes away, and disposing does not fail for that', async () => {
    const proxy = await engineProxy(join(world.folder, 'engine.sock'));
    const cut = await createWorld({ env: { HOME: world.folder, DOCKER_HOST: `unix://${proxy.path}` } });
    const log = memoryLog();
    const environment = await cut.prepare({}, log);
    const running = run(environment, 'echo up; sleep 1000', log);
    await untilLogged(log, 'up');
    await proxy.cut();
    expect(await running).toEqual({ kind: 'lost', reason: expect.stringContaining('engine went away') });
    await cut[Symbol.asyncDispose]();
    await docker('rm', '--force', ...(await leftovers(cut.runId)));
  });
});

describe('removing', () => {
  it('takes anonymous volumes along', async () => {
    await buildImage('slipway-test/volume', 'VOLUME /data');
    const before = await docker('volume', 'ls', '--quiet');
    await world.runJob({ services: [service('slipway-test/volume', { command: ['sleep', '100'] })] }, ':');
    expect(await docker('volume', 'ls', '--quiet')).toBe(before);
  });

  it('may happen twice', async () => {
    const environment = await world.prepare({});
    await environment[Symbol.asyncDispose]();
    await environment[Symbol.asyncDispose]();
  });

  it('happens when preparing is aborted half way', async () => {
    const other = await createWorld();
    const controller = new AbortController();
    const idle = service(BASE_IMAGE, { command: ['sleep', '100'] });
    const log = {
      ...memoryLog(),
      line: async (text: string) => {
        if (text.startsWith('Starting the service')) controller.abort();
      },
    };
    const preparing = other.prepare({ services: [idle, idle] }, log, controller.signal);
    await expect(preparing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await leftovers(other.runId)).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  it('happens in the next run when the process was killed', async () => {
    const killed = await startOwner();
    const alive = await startOwner();
    expect((await leftovers(killed.runId)).length).toBeGreaterThanOrEqual(4);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');

    await removeAbandonedContainers({ env: {} });
    expect(await leftovers(killed.runId)).toEqual([]);
    expect((await leftovers(alive.runId)).length).toBeGreaterThanOrEqual(4);

    alive.process.kill('SIGKILL');
    await once(alive.process, 'exit');
    // Two runs that start at once both see the same leftovers.
    await Promise.all([removeAbandonedContainers({ env: {} }), removeAbandonedContainers({ env: {} })]);
    expect(await leftovers(alive.runId)).toEqual([]);
  });
});

it('gives the files a container wrote as root back to a person who is not', async () => {
  const { gid } = await stat('/var/run/docker.sock');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, 'reclaim-as-a-person.ts')],
    { uid: 12345, gid, env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
  );
  expect(stdout).toBe('EACCES before, removed after\n');
});

/** A process that prepares a job with a service and a volume, says so, and then does nothing. */
async function startOwner() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'idle-owner.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.add(child);
  // A process that fails prints why on its own standard error, and no line here.
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  const runId = /^ready (\S+)$/.exec(String(line))?.[1];
  if (runId === undefined) throw new Error(`The process that was to wait said or ended with ${line}.`);
  return { process: child, runId };
}

async function startAndWaitFor(
  text: string,
  script: string,
  signal = new AbortController().signal,
  graceSeconds = 5,
) {
  const log = memoryLog();
  const environment = await world.prepare({}, log);
  const [name = ''] = await leftovers(world.runId);
  const running = run(environment, script, log, signal, graceSeconds);
  await untilLogged(log, text);
  return { running, environment, log, name };
}

async function abortWhen(text: string, script: string, graceSeconds: number) {
  const controller = new AbortController();
  const log = memoryLog();
  const environment = await world.prepare({});
  const result = run(environment, script, log, controller.signal, graceSeconds);
  await untilLogged(log, text);
  controller.abort();
  return { result, environment, log };
}

function run(
  environment: Awaited<ReturnType<World['prepare']>>,
  script: string,
  log: MemoryLog,
  signal = new AbortController().signal,
  graceSeconds = 5,
): Promise<ScriptResult> {
  return environment.run({ script, log, signal, graceSeconds });
}

async function untilLogged(log: MemoryLog, text: string): Promise<void> {
  while (!log.text().includes(`${text}\n`)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The engine behind a socket that can be taken away. */
async function engineProxy(path: string) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const upstream = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => each.destroy());
    }
    socket.pipe(upstream).pipe(socket);
  }).listen(path);
  await once(server, 'listening');
  return {
    path,
    async cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(path, { force: true });
    },
  };
}
