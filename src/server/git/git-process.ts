import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { atTheEnd } from '../../base/at-the-end.ts';

export interface GitProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Asks it and all that it started to end, and makes them after a while. Does nothing when it has. */
  end(): void;
  /** Whether `end` was called before it had ended. */
  isEnding(): boolean;
  /** The exit code; null when it was ended or never started. Never fails. */
  readonly ended: Promise<number | null>;
  /** The start of what it complained of. */
  complaint(): string;
}

/**
 * Starts git on a repository of the server: with the server's configuration (repository-config.ts) and nobody else's, in
 * an environment of nothing but what is given, in a process group that ends with this process.
 */
export function startServerGit(
  args: readonly string[],
  config: readonly (readonly [key: string, value: string])[],
  more: Readonly<Record<string, string>> = {},
): GitProcess {
  const child = spawn('git', args, { env: { ...serverGitEnvironment(config), ...more }, detached: true });
  running += 1;
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString('utf8');
  });
  let timer: NodeJS.Timeout | null = null;
  const left = atTheEnd(() => signal(child.pid, 'SIGTERM'), { onlyAtTheVeryEnd: true });
  const ended = new Promise<number | null>((resolve) => {
    let isDone = false;
    const done = (code: number | null): void => {
      if (!isDone) running -= 1;
      isDone = true;
      left();
      if (timer !== null) clearTimeout(timer);
      resolve(code);
    };
    child.once('error', (error) => {
      complaint ||= error.message;
      done(null);
    });
    child.once('close', done);
  });
  // It may end before it has read everything: its exit code and its answer say why.
  child.stdin.on('error', () => child.stdin.destroy());
  return {
    child,
    end() {
      if (child.exitCode !== null || child.signalCode !== null || timer !== null) return;
      // git removes its lock files when asked politely.
      signal(child.pid, 'SIGTERM');
      timer = setTimeout(() => signal(child.pid, 'SIGKILL'), GRACE_MS);
    },
    isEnding: () => timer !== null,
    ended,
    complaint: () => complaint.trim(),
  };
}

/** How many of them there are in this process, for who watches over it. */
export function runningGitProcesses(): number {
  return running;
}

let running = 0;

/** What a git of the server sees of its surroundings. */
export function serverGitEnvironment(
  config: readonly (readonly [key: string, value: string])[],
): Record<string, string> {
  const settings = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(settings),
  };
}

const MAX_COMPLAINT = 8_000;
const GRACE_MS = 3_000;

function signal(pid: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // It is gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
