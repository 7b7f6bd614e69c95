import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** A runner as a process of its own. */
export interface RunnerProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it has said so far. */
  said(): string;
}

export async function startProcess(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RunnerProcess> {
  const child: ChildProcess = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (output += String(bytes)));
  const ended = once(child, 'close').then(() => child.exitCode);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'spawn');
  return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), ended, said: () => output };
}
