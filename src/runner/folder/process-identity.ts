import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * A short name for when and where a process started: together with its number it names one process for ever, although
 * numbers are used again. null when there is no such process.
 */
export function processIdentity(pid: number): string | null {
  const start = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return start === null ? null : createHash('sha256').update(start).digest('hex').slice(0, 12);
}

/** proc_pid_stat(5): field 22 counts ticks since boot; the second field is in parentheses and may hold anything. */
function startOnLinux(pid: number): string | null {
  const stat = readQuietly(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields?.[19];
  // A zombie has ended: what it owned is nobody's.
  if (ticks === undefined || fields?.[0] === 'Z') return null;
  return `${readQuietly('/proc/sys/kernel/random/boot_id') ?? ''} ${ticks}`;
}

function startByPs(pid: number): string | null {
  try {
    const options = { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stdio: 'pipe' } as const;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
  } catch {
    // ps answers 1 when there is no such process.
    return null;
  }
}

/** Processes of other namespaces (another container) cannot be asked for: this names ours. */
export function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '0';
  }
}

function readQuietly(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
