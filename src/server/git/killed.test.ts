import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRefTips } from './index.ts';
import { client } from './test-support/git-server.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-killed-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ROUNDS = 8;
const CLIENTS = 3;

test('a server that is killed with its gits at any moment loses no acknowledged push, and finds the others', async () => {
  const acknowledged = new Map<string, string[]>();
  for (let each = 0; each < CLIENTS; each++) {
    const folder = join(root, `client${each}`);
    await mkdir(folder);
    await client(folder, 'init', '-q', '-b', `b${each}`);
    acknowledged.set(`refs/heads/b${each}`, []);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const { child, port } = await startKilled();
    const stop = new AbortController();
    const clients = [...acknowledged].map(([ref, hashes], each) =>
      pushOn(join(root, `client${each}`), port, ref, hashes, stop.signal),
    );
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 700));
    // Half of the time git lives on, as when only the server crashes; else all is over, as when the machine does.
    await killAll(child, round % 2 === 0);
    stop.abort();
    await Promise.all(clients);
  }

  const { child } = await startKilled();
  await killAll(child, true);
  const repository = join(root, 'repositories', '1.git');
  const tips = await readRefTips(repository);
  const lines = (await readFile(join(root, 'record'), 'utf8')).split('\n');
  for (const [ref, hashes] of acknowledged) {
    const recorded = lines.filter((line) => line.split(' ')[1] === ref).map((line) => line.split(' ')[2]);
    for (const hash of hashes) {
      expect(recorded).toContain(hash);
      expect(await client(repository, 'merge-base', '--is-ancestor', hash, ref)).toMatchObject({ code: 0 });
    }
    // What was pushed and not acknowledged is known, too.
    expect(recorded.at(-1)).toBe(tips.get(ref));
  }
  expect([...acknowledged.values()].flat().length).toBeGreaterThan(0);
  expect(await client(repository, 'fsck', '--strict', '--no-dangling')).toMatchObject({ code: 0 });
}, 120_000);

/** Commits and pushes, again and again; what the server said yes to is added to `hashes`. */
async function pushOn(
  folder: string,
  port: string,
  ref: string,
  hashes: string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await client(folder, 'commit', '-q', '--allow-empty', '-m', 'x');
    const hash = (await client(folder, 'rev-parse', 'HEAD')).stdout.trim();
    const pushed = await client(folder, 'push', '-q', `http://u:p@127.0.0.1:${port}/a/b.git`, `HEAD:${ref}`);
    if (pushed.code === 0) hashes.push(hash);
  }
}

async function startKilled(): Promise<{ readonly child: ChildProcess; readonly port: string }> {
  const program = join(import.meta.dirname, 'test-support', 'killed-server.ts');
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port]: unknown[] = await once(child.stdout, 'data');
  return { child, port: String(port).trim() };
}

async function killAll(child: ChildProcess, isOnlyServer: boolean): Promise<void> {
  const pid = child.pid ?? 0;
  const others = isOnlyServer ? [] : await descendants(pid);
  const closed = once(child, 'exit');
  for (const each of [pid, ...others]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
  await closed;
}

async function descendants(pid: number): Promise<readonly number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = listed
    .split(' ')
    .map(Number)
    .filter((each) => each > 0);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
