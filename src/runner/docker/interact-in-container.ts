import { randomUUID } from 'node:crypto';
import { chmod, lstat, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Exec } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import { quoteForShell } from '../../base/quote-for-shell.ts';
import type { Interaction } from '../executor.ts';
import { connectTerminal, isOnTerminal } from './connect-terminal.ts';
import { engineError } from './engine.ts';

export interface ContainerPlaces {
  readonly projectDir: string;
  /** This machine's path of the scratch folder, and the container's. */
  readonly scratch: string;
  readonly scratchDir: string;
}

/** What the container's own shell is told to do first: write down what the image's entrypoint has exported. */
export function rememberEntrypoint(scratchDir: string, name: string): string {
  return `export -p > ${quoteForShell(`${scratchDir}/${name}`)} 2>/dev/null`;
}

/**
 * Runs a script for a person in a container that runs already, as a command of its own with a terminal of its own. The
 * script goes there as a file, because anybody who may ask the engine can read a command's arguments and environment.
 * @throws AppError `shell-not-started`, and what the engine refuses.
 */
export async function interactInContainer(
  container: Container,
  { projectDir, scratch, scratchDir }: ContainerPlaces,
  entrypointFile: string,
  { script, terminal }: Interaction,
  clock: Clock,
): Promise<number> {
  const name = `.script-${randomUUID()}`;
  const file = join(scratch, name);
  const exports = quoteForShell(`${scratchDir}/${entrypointFile}`);
  const text = `if [ -r ${exports} ]; then . ${exports}; fi\n${script}`;
  await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  // The job's user is another one then; a private folder is around it either way.
  if (((await lstat(scratch)).mode & 0o002) !== 0) await chmod(file, 0o644);
  try {
    const exec = await container.exec({
      Cmd: ['sh', '-c', CHOOSE_SHELL, `${scratchDir}/${name}`],
      WorkingDir: projectDir,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: isOnTerminal(terminal),
      DetachKeys: UNUSUAL_KEYS,
    });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: isOnTerminal(terminal) });
    await connectTerminal(exec, stream, terminal);
    return await exitCodeOf(exec, clock);
  } catch (error) {
    throw engineError(error, 'start a shell in the container', 'shell-not-started');
  } finally {
    await rm(file, { force: true });
  }
}

const CHOOSE_SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash "$0"; else exec sh "$0"; fi';

/**
 * The engine leaves a command alone when these are typed, and holds back the first of them until it sees the second.
 * It cannot be told to do without; Ctrl-P, the first by default, is what shells recall the last line with.
 */
const UNUSUAL_KEYS = 'ctrl-^,ctrl-@,ctrl-^,ctrl-@';

/** The output may end a moment before the engine knows how the command ended. */
async function exitCodeOf(exec: Exec, clock: Clock): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { ExitCode, Running } = await exec.inspect();
    if (!Running && ExitCode !== null) return ExitCode;
    await new Promise<void>((resolve) => clock.after(TRY_MILLISECONDS, resolve));
  }
  throw new AppError('shell-not-started', 'The Docker engine does not say how the shell ended.');
}

const MOST_TRIES = 100;
const TRY_MILLISECONDS = 20;
