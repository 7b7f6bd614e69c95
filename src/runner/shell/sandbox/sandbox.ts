import { closeSync, constants, openSync } from 'node:fs';
import { signalQuietly } from '../marked-processes.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { jobLimits, onlyChildOf, type PreparedRoot, sandboxFailed } from './prepared-root.ts';

/**
 * A job's own mount, process, IPC and host name namespaces in a prepared root, with a supervisor as process 1 that runs
 * script after script.
 *
 * What can happen to it: it is closed, or its process 1 ends (this process was killed, or memory ran out); either way
 * every process in it is killed by the kernel and the mounts it made vanish.
 */
export interface Sandbox {
  /**
   * The project folder inside, as a path of this process: an open folder below /proc/PID/fd. Opened once rather than
   * reached by /proc/PID/root of process 1, whose number could belong to another process after it ended.
   */
  readonly workspace: string;
  /** Starts a script that lies in the scratch folder; answers with its exit code, or null when the sandbox is gone. */
  run(shell: string, scriptName: string): Promise<number | null>;
  /** The command line that runs another beside the scripts, in the project folder. */
  enter(command: readonly string[], onTerminal: boolean): readonly [string, ...string[]];
  /** Asks every process of the running script to end (SIGTERM), or ends them (SIGKILL). */
  signal(how: 'terminate' | 'kill'): void;
  /** What went wrong, as far as the supervisor said so. */
  diagnostics(): string;
  /**
   * Ends every process in it, and answers whether the keeper can start another sandbox: not when a script was running,
   * whose command may still lie in the pipe. Once only.
   */
  end(): Promise<'root-is-idle' | 'root-has-ended'>;
}

/**
 * Starts a sandbox in a root that has none.
 * @throws AppError `sandbox-failed`; the abort reason when aborted. The root has ended then.
 */
export async function startSandbox(
  root: PreparedRoot,
  projectDir: string,
  signal: AbortSignal,
): Promise<Sandbox> {
  const endRoot = () => void root.end();
  signal.addEventListener('abort', endRoot, { once: true });
  root.forgetDiagnostics();
  root.commands.write('start\n');
  const isReady = (await root.answers.next()) === 'ready';
  signal.removeEventListener('abort', endRoot);
  const unshare = isReady ? onlyChildOf(root.keeper) : null;
  const supervisor = unshare === null ? null : onlyChildOf(unshare);
  if (supervisor === null || signal.aborted) {
    await root.end();
    signal.throwIfAborted();
    throw sandboxFailed(root.diagnostics());
  }
  return openSandbox(root, projectDir, supervisor);
}

function openSandbox(root: PreparedRoot, projectDir: string, supervisor: number): Sandbox {
  const folder = openSync(
    `/proc/${supervisor}/root${projectDir}`,
    constants.O_RDONLY | constants.O_DIRECTORY,
  );
  let isRunning = false;
  let hasEnded = false;
  /** Null when the supervisor is gone, and perhaps the whole root. */
  async function nextAnswer(): Promise<string | null> {
    const answer = await root.answers.next();
    if (answer !== null && answer !== 'ended') return answer;
    hasEnded = true;
    return null;
  }
  return {
    workspace: `/proc/${process.pid}/fd/${folder}`,
    async run(shell, scriptName) {
      if (hasEnded) return null;
      isRunning = true;
      root.commands.write(`${shell} ${scriptName}\n`);
      const answer = await nextAnswer();
      isRunning = false;
      return answer === null ? null : Number(answer.replace('exit ', ''));
    },
    enter(command, onTerminal) {
      const { maker, privilege } = root;
      const limits = jobLimits(privilege);
      return enterSandbox(
        { maker, firstProcess: supervisor, privilege, projectDir, limits, onTerminal },
        command,
      );
    },
    signal(how) {
      if (!hasEnded && !root.hasEnded()) {
        signalQuietly(supervisor, how === 'terminate' ? 'SIGUSR1' : 'SIGUSR2');
      }
    },
    diagnostics: root.diagnostics,
    async end() {
      closeSync(folder);
      if (isRunning || hasEnded || root.hasEnded()) {
        await root.end();
        return 'root-has-ended';
      }
      signalQuietly(supervisor, 'SIGKILL');
      while (!hasEnded) await nextAnswer();
      return root.hasEnded() ? 'root-has-ended' : 'root-is-idle';
    },
  };
}
