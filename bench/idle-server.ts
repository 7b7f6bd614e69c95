import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { megabytes, milliseconds, type Section } from './table.ts';

/** A server that nobody uses: how soon it answers, what it takes, and how soon it is gone. */
export async function benchIdleServer(): Promise<Section> {
  const cold: Run[] = [];
  const again: Run[] = [];
  for (let count = 0; count < 5; count += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-idle-'));
    try {
      cold.push(await run(folder));
      again.push(await run(folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const rows = (
    [
      ['with a new data folder', cold],
      ['with one that is there', again],
    ] as const
  ).map(([what, runs]) => [
    what,
    milliseconds(median(runs.map(({ answered }) => answered))),
    milliseconds(Math.max(...runs.map(({ answered }) => answered))),
    megabytes(median(runs.map(({ resident }) => resident))),
    milliseconds(median(runs.map(({ ended }) => ended))),
  ]);
  return {
    title: 'an idle server',
    note:
      '`node dist/slipway.js server` on SQLite: from the start of the process to the first answered request, its resident ' +
      'memory ten seconds later, and from SIGTERM to its end with exit code 0. The median of five. The goals are 1.5 s and 200 MB.',
    head: ['start', 'first answer', 'the slowest', 'memory', 'end'],
    rows,
  };
}

interface Run {
  readonly answered: number;
  readonly resident: number;
  readonly ended: number;
}

async function run(folder: string): Promise<Run> {
  const port = await freePort();
  const program = join(import.meta.dirname, '../dist/slipway.js');
  const started = performance.now();
  const args = [program, 'server', '--data', folder, '--port', String(port), '--log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exit = once(child, 'exit');
  await answers(`http://127.0.0.1:${port}/-/readiness`);
  const answered = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const resident = residentOf(child.pid);
  const asked = performance.now();
  child.kill('SIGTERM');
  const [code] = await exit;
  if (code !== 0) throw new Error(`The server ended with ${code}`);
  return { answered, resident, ended: performance.now() - asked };
}

async function answers(url: string): Promise<void> {
  for (let left = 3000; left > 0; left -= 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${url} does not answer`);
}

function residentOf(pid: number | undefined): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
