import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { Interaction } from '../executor.ts';

/** How an environment of this machine starts a script that has the terminal itself. */
export interface InteractionStarter {
  /** This machine's path of the folder for the script's file. */
  readonly scratch: string;
  /** The command line for a script of this name in the scratch folder. */
  command(scriptName: string): readonly [program: string, ...args: string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Asks everything the script started to end, ends what is left after the grace period, and answers then. */
  end(graceSeconds: number, script: StartedScript): Promise<void>;
}

export interface StartedScript {
  readonly processId: number;
  /** Its own process is gone; others may be left. */
  readonly exited: Promise<unknown>;
}

/**
 * Starts the script as a child that stays in this process's session and group: only so may it have the terminal, and
 * a shell that makes groups of its own takes the terminal by itself and gives it back.
 * @throws AppError `shell-not-started`
 */
export async function interactByProcess(
  starter: InteractionStarter,
  { script, terminal, signal, graceSeconds }: Interaction,
): Promise<number> {
  signal.throwIfAborted();
  const name = `.script-${randomUUID()}`;
  const file = join(starter.scratch, name);
  await writeFile(file, script, { flag: 'wx', mode: 0o600 });
  const [program, ...args] = starter.command(name);
  const child = spawn(program, args, {
    cwd: starter.folder,
    env: starter.environment,
    stdio: [terminal.input.fd, terminal.output.fd, terminal.error.fd],
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new AppError('shell-not-started', `${program} could not be started.`, { cause }));
    });
    child.once('exit', (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
  });
  const end = async (grace: number) => {
    if (child.pid !== undefined) await starter.end(grace, { processId: child.pid, exited });
  };
  let ending: Promise<void> | null = null;
  const onAbort = () => {
    ending = end(graceSeconds);
    ending.catch(() => undefined); // Told below.
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await exited;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await (ending ?? end(0));
    await rm(file, { force: true });
  }
}
