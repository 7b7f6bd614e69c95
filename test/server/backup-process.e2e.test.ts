import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { client } from '../../src/server/git/test-support/git-server.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { plainRunner } from './plain-runner.ts';
import { addFooting, type ServerProcess, startServerProcess } from './server-process.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** The commands as a person calls them, on a server in a process of its own. */
test('a server is backed up under load, killed, and comes back from an empty folder', async () => {
  const folder = await newFolder();
  const data = join(folder, 'data');
  const footing = await addFooting({ data });
  const server = await started(data);
  const clone = await cloneOf(server, footing.adminToken, folder);
  const work = workOn(server, clone, footing.runnerToken);
  await expect.poll(() => count(footing.store, 'success'), { timeout: 60_000 }).toBeGreaterThan(2);

  const backup = join(folder, 'backup');
  await run(process.execPath, [MAIN, 'backup', '--data', data, backup]);
  expect((await stat(backup)).mode & 0o777).toBe(0o600);
  const asTaken = await rowsOf(footing.store);
  work.stop();
  await work.ended;
  await server.kill();
  await footing.store[Symbol.asyncDispose]();
  await rm(data, { recursive: true });

  const check = await run(process.execPath, [MAIN, 'restore', '--check', backup]);
  expect(check.stdout).toMatch(/is whole: 1 project, \d+ pipelines/);
  await run(process.execPath, [MAIN, 'restore', '--data', data, backup]);
  const again = await started(data);
  await using store = await openStore({ database: data });
  const restored = await rowsOf(store);
  // What was written while the backup was taken may be in it or not; what it has is what there was.
  expect(restored.length).toBeGreaterThan(2);
  expect(restored.length).toBeLessThanOrEqual(asTaken.length);
  for (const [index, row] of restored.entries())
    expect(row).toMatchObject({ id: asTaken[index]?.id, sha: asTaken[index]?.sha });

  await client(clone, 'fetch', '--quiet', originOf(again, footing.adminToken), 'main');
  await client(clone, 'reset', '--quiet', '--hard', 'FETCH_HEAD');
  await client(clone, 'commit', '--quiet', '--allow-empty', '-m', 'After it');
  const pushed = await client(clone, 'push', originOf(again, footing.adminToken), 'HEAD:main');
  expect(pushed.stderr).toMatch(/Pipeline #\d+ for main/);
  const runner = plainRunner(() => again.address, footing.runnerToken);
  onTestFinished(() => runner.close());
  expect(await runner.take()).not.toBeNull();
});

test('a server that is asked to end lets a push that has begun come to its end, and ends with 0', async () => {
  const folder = await newFolder();
  const data = join(folder, 'data');
  const footing = await addFooting({ data });
  const server = await started(data);
  const clone = await cloneOf(server, footing.adminToken, folder);
  // Large enough that it is under way for a while.
  const filler = spawn('head', ['-c', '120000000', '/dev/urandom'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await writeFile(join(clone, 'large'), filler.stdout);
  await client(clone, 'add', '--all');
  await client(clone, 'commit', '--quiet', '-m', 'Large');
  const push = client(clone, 'push', 'origin', 'HEAD:main');
  await expect.poll(() => receiving(server.child.pid), { interval: 10, timeout: 30_000 }).toBe(true);
  const exit = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  expect(await push).toMatchObject({ code: 0 });
  expect(await exit).toEqual([0, null]);
  const tip = await client(footing.repository, 'rev-parse', 'refs/heads/main');
  expect(tip.stdout).toBe((await client(clone, 'rev-parse', 'HEAD')).stdout);
  await footing.store[Symbol.asyncDispose]();
});

async function started(data: string): Promise<ServerProcess> {
  const server = await startServerProcess({ data });
  onTestFinished(() =>
    server.child.exitCode === null && server.child.signalCode === null ? server.kill() : undefined,
  );
  return server;
}

function originOf(server: ServerProcess, token: string): string {
  const url = new URL(`${server.address}/team/app.git`);
  url.username = 'root';
  url.password = token;
  return url.href;
}

async function cloneOf(server: ServerProcess, token: string, folder: string): Promise<string> {
  const clone = join(folder, 'clone');
  expect(await client(folder, 'clone', '--quiet', originOf(server, token), clone)).toMatchObject({ code: 0 });
  await client(clone, 'checkout', '--quiet', '-B', 'main');
  return clone;
}

function workOn(server: ServerProcess, clone: string, runnerToken: string) {
  let stopped = false;
  const runner = plainRunner(() => server.address, runnerToken);
  async function push(): Promise<void> {
    for (let number = 0; !stopped; number += 1) {
      await writeFile(join(clone, '.gitlab-ci.yml'), `build ${number}:\n  script: [make]\n`);
      await client(clone, 'add', '--all');
      await client(clone, 'commit', '--quiet', '-m', `Change ${number}`);
      expect(await client(clone, 'push', '--quiet', 'origin', 'HEAD:main')).toMatchObject({ code: 0 });
    }
  }
  async function runJobs(): Promise<void> {
    while (!stopped) {
      const job = await runner.take();
      if (job !== null) expect(await runner.finish(job, 'hello\n'.repeat(1000))).toBe(200);
    }
    runner.close();
  }
  return {
    stop() {
      stopped = true;
    },
    ended: Promise.all([push(), runJobs()]),
  };
}

async function count(store: Store, status: string): Promise<number> {
  return (await rowsOf(store)).filter((row) => row.status === status).length;
}

function rowsOf(store: Store) {
  return store.read((db) =>
    db.selectFrom('pipelines').select(['id', 'iid', 'sha', 'status']).orderBy('id').execute(),
  );
}

/** Whether a git of this server is taking a push, and not only telling which refs there are. */
async function receiving(pid: number | undefined): Promise<boolean> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,args=']);
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const parents = new Map(lines.map(([own = '', parent = '']) => [own, parent]));
  const isBelow = (own: string): boolean => {
    const parent = parents.get(own);
    return parent !== undefined && (parent === String(pid) || isBelow(parent));
  };
  return lines.some(([own = '', , ...args]) => args.includes('index-pack') && isBelow(own));
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-process-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
