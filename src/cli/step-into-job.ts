import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { repositoryRoot, stateFolders, stepInto } from '../local/index.ts';
import type { ShellOptions } from './commands/shell.ts';
import { EXIT } from './exit-codes.ts';
import { findProject } from './find-project.ts';
import type { Io } from './io.ts';

/** What `slipway shell` does. Answers with the exit code of the person's shell or command. */
export async function shell(
  io: Io,
  job: string,
  command: readonly string[],
  options: ShellOptions,
): Promise<number> {
  const folder = resolve(io.folder, options.repository ?? '.');
  const { root } = await findProject(folder, options, repositoryRoot);
  const { stdin, stdout, stderr } = process;
  const interrupts = listen(() => stdin.isTTY === true);
  try {
    const exitCode = await stepInto({
      repository: root,
      job,
      executor: options.executor,
      folders: stateFolders(root, io.environment),
      environment: { ...io.environment },
      clock: systemClock,
      terminal: { input: stdin, output: stdout, error: stderr },
      terminalType: stdin.isTTY === true ? (io.environment.TERM ?? null) : null,
      command: command.length === 0 ? null : command,
      onEntered: interrupts.entered,
      signal: interrupts.signal,
    });
    return interrupts.signal.aborted ? EXIT.interrupted : exitCode;
  } catch (error) {
    if (interrupts.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupts.stop();
  }
}

/**
 * SIGTERM and the end of the terminal end the visit. So does Ctrl-C, until the terminal is the shell's: from then on it
 * is for what runs there.
 */
function listen(isOnTerminal: () => boolean): {
  readonly signal: AbortSignal;
  entered(): void;
  stop(): void;
} {
  const controller = new AbortController();
  let isInside = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !isInside || !isOnTerminal()) controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    entered() {
      isInside = true;
    },
    stop() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
