import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export interface Measured {
  readonly milliseconds: number;
  /** Of the process itself, as Linux counts it; null elsewhere. */
  readonly peakMegabytes: number | null;
}

/** Runs `bin/slipway` as a person would and measures the whole process. @throws when it does not end with `exitCode`. */
export function slipway(folder: string, args: readonly string[], exitCode = 0): Promise<Measured> {
  return measureProcess(join(root, 'bin/slipway'), args, folder, exitCode);
}

export function measureProcess(
  program: string,
  args: readonly string[],
  folder: string,
  exitCode = 0,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    let peak: number | null = null;
    // The kernel keeps the peak itself; the last look before the end is what counts.
    const watch = setInterval(() => {
      peak = peakOf(child.pid) ?? peak;
    }, 20);
    child.stderr.on('data', (bytes) => {
      words = (words + String(bytes)).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      const milliseconds = performance.now() - started;
      if (code === exitCode) resolve({ milliseconds, peakMegabytes: peak });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${words}`));
    });
  });
}

/** The median of several runs after one that warms caches up. */
export async function median(times: number, run: () => Promise<Measured>): Promise<Measured> {
  await run();
  const all: Measured[] = [];
  for (let at = 0; at < times; at++) all.push(await run());
  all.sort((a, b) => a.milliseconds - b.milliseconds);
  const middle = all[Math.floor(times / 2)];
  if (middle === undefined) throw new Error('a median needs at least one run');
  return middle;
}

function peakOf(pid: number | undefined): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null; // No Linux, or the process has just ended.
  }
}
