import { readdirSync, readFileSync } from 'node:fs';

/** The variable in the environment of every process of a job, by which its leftovers are found. */
export const PROCESS_MARK = 'SLIPWAY_PROCESS_MARK';

/**
 * Signals every process of this machine that carries the mark. It reads /proc, so it finds nothing where there is none
 * (macOS), nor a process that cleared its environment. Synchronous on purpose: between looking at a process and
 * signalling it nothing else should happen, because numbers are used again.
 */
export function signalMarkedProcesses(mark: string, signal: NodeJS.Signals): void {
  const wanted = `${PROCESS_MARK}=${mark}`;
  for (const pid of processNumbers()) {
    if (readEnvironment(pid).includes(wanted)) signalQuietly(pid, signal);
  }
}

/** Signals a process or, by its negative number, a group; that it is gone already is fine. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')))
      throw error;
  }
}

function processNumbers(): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readEnvironment(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Gone, or another person's.
    return [];
  }
}
