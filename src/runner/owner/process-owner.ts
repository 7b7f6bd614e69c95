import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process owns what a run has made: folders, containers. A process id alone is not enough, because ids are given
 * out again: the time the process started belongs to it. And ids mean something only in their own world, a machine
 * since its last start and a PID namespace on it, so those are named too.
 */
export interface ProcessOwner {
  readonly pid: number;
  /** Short names without meaning, of hexadecimal digits: compared, never read. */
  readonly start: string;
  readonly boot: string;
  readonly namespace: string;
}

/** This process. */
export function currentOwner(): ProcessOwner {
  const start = startOf(process.pid);
  return {
    pid: process.pid,
    start: start.kind === 'running' ? start.start : UNKNOWN,
    boot: bootName(),
    namespace: namespaceName(),
  };
}

/**
 * Whether nobody will ever clean up after this owner any more. An earlier start of the machine counts as dead; an owner
 * in another PID namespace (another container) cannot be judged. In doubt it is alive: a living run must not lose what
 * it works with.
 */
export function isDead(owner: ProcessOwner): boolean {
  if (owner.boot !== bootName()) return true;
  if (owner.namespace !== namespaceName()) return false;
  const now = startOf(owner.pid);
  if (now.kind !== 'running') return now.kind === 'gone';
  return owner.start !== UNKNOWN && now.start !== owner.start;
}

const UNKNOWN = '0';

/** `unknown`: the system did not say, for want of file descriptors or memory perhaps. */
type Start = { readonly kind: 'running'; readonly start: string } | { readonly kind: 'gone' | 'unknown' };

function startOf(pid: number): Start {
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
}

/** proc_pid_stat(5): field 22 counts ticks since boot; the second field is in parentheses and may hold anything. */
function startOnLinux(pid: number): Start {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    return { kind: isNoSuchProcess(error) ? 'gone' : 'unknown' };
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields[19];
  // What is left of a process until somebody has waited for it owns nothing any more.
  if (ticks === undefined || fields[0] === 'Z' || fields[0] === 'X') return { kind: 'gone' };
  return { kind: 'running', start: Number(ticks).toString(16) };
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

function startByPs(pid: number): Start {
  try {
    const options = { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stdio: 'pipe' } as const;
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
    return started === '' ? { kind: 'gone' } : { kind: 'running', start: shortName(started) };
  } catch (error) {
    // ps answers 1 when there is no such process.
    const gone = error instanceof Error && 'status' in error && error.status === 1;
    return { kind: gone ? 'gone' : 'unknown' };
  }
}

function bootName(): string {
  try {
    return shortName(readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  } catch {
    return shortName(hostname()); // Not Linux: processes of an earlier start are told apart by their start times.
  }
}

function namespaceName(): string {
  try {
    return shortName(readlinkSync('/proc/self/ns/pid'));
  } catch {
    return shortName('one for all'); // Not Linux: there are none.
  }
}

function shortName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
