import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/**
 * Which process owns a container. A process id alone is not enough, because ids are given out again: the time the
 * process started belongs to it. And ids mean something only in their own world (a machine since its last start, a PID
 * namespace), so that is named too, and owners in another world are nobody's business here.
 */
export interface Owner {
  readonly pid: number;
  /** In ticks since the machine started, or whatever the system's `ps` says; compared, never read. */
  readonly start: string;
  readonly world: string;
}

export const LABELS = {
  run: 'dev.slipway.run',
  job: 'dev.slipway.job',
  jobName: 'dev.slipway.job-name',
  ownerPid: 'dev.slipway.owner-pid',
  ownerStart: 'dev.slipway.owner-start',
  ownerWorld: 'dev.slipway.owner-world',
} as const;

export function ownerLabels(owner: Owner, runId: string): Readonly<Record<string, string>> {
  return {
    [LABELS.run]: runId,
    [LABELS.ownerPid]: String(owner.pid),
    [LABELS.ownerStart]: owner.start,
    [LABELS.ownerWorld]: owner.world,
  };
}

/** The owner written in labels; null when they are not ours. */
export function ownerFromLabels(labels: Readonly<Record<string, string>> | null): Owner | null {
  const pid = Number(labels?.[LABELS.ownerPid]);
  const start = labels?.[LABELS.ownerStart];
  const world = labels?.[LABELS.ownerWorld];
  return Number.isInteger(pid) && pid > 0 && start !== undefined && world !== undefined
    ? { pid, start, world }
    : null;
}

/** This process. */
export async function currentOwner(): Promise<Owner> {
  return {
    pid: process.pid,
    start: (await processStart(process.pid)) ?? 'unknown',
    world: `${await bootId()}/${await pidNamespace()}`,
  };
}

/**
 * Whether nobody will ever clean up after this owner any more. An earlier start of this machine counts as dead; an
 * owner in another PID namespace cannot be judged and counts as alive.
 */
export async function isDead(owner: Owner): Promise<boolean> {
  const [boot, namespace] = owner.world.split('/');
  if (boot !== (await bootId())) return true;
  if (namespace !== (await pidNamespace())) return false;
  const start = await processStart(owner.pid);
  return start === null || (start !== owner.start && owner.start !== 'unknown');
}

/** Null when there is no such process, or only its remains that nobody has waited for. */
async function processStart(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return startFromPs(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, and may itself contain brackets and blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    return state === 'Z' || state === 'X' ? null : (fields[STARTTIME] ?? null);
  } catch {
    return null;
  }
}

/** proc(5): starttime is field 22, counted from 1; state, field 3, is the first behind the name. */
const STARTTIME = 22 - 3;

async function startFromPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (id) => id.trim(),
    () => hostname(),
  );
}

async function pidNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => 'pid');
}
