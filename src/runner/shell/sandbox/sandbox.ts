import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { AppError } from '../../../base/app-error.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import { signalQuietly } from '../marked-processes.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { createLineQueue, type LineQueue } from './line-queue.ts';
import { type Privilege, planMounts, type SandboxLayout } from './mount-plan.ts';
import { formatFstab, isPlainPath, parseMountTable } from './mount-table.ts';
import { SETUP_PROGRAM, SUPERVISOR_PROGRAM } from './sandbox-programs.ts';

/**
 * A job's own mount, process, IPC and host name namespaces, with a supervisor as process 1 that runs script after script.
 *
 * What can happen to it: it is closed, or its process 1 ends (this process was killed, or memory ran out); either way
 * every process in it is killed by the kernel and its mounts vanish, and only the folder of layers is left on disk.
 */
export interface Sandbox extends AsyncDisposable {
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
}

export interface SandboxRequest {
  readonly layout: SandboxLayout;
  readonly privilege: Privilege;
  /** Runs the supervisor and, where a script does not ask for another, is the path of a POSIX shell. */
  readonly shell: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * @throws AppError `sandbox-failed` when the kernel or the machine's settings refuse; the abort reason when aborted.
 */
export async function startSandbox(request: SandboxRequest): Promise<Sandbox> {
  const { layout, privilege, signal } = request;
  signal.throwIfAborted();
  if (!isPlainPath(layout.layers)) {
    throw new AppError(
      'sandbox-failed',
      `${layout.layers} has a colon, comma, quote or backslash in its name`,
    );
  }
  await mkdir(layout.layers, { mode: 0o700 });
  try {
    const mounts = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
    const entries = planMounts(layout, mounts, privilege);
    await writeFile(join(layout.layers, 'fstab'), formatFstab(entries), { mode: 0o600 });
  } catch (error) {
    await removeTree(layout.layers);
    throw error;
  }
  return await superviseNamespaces(request, startNamespaces(request));
}

/**
 * `setpriv --pdeathsig` and `--kill-child` chain the lives: when this process dies, unshare dies; when unshare dies,
 * process 1 dies, and with it the namespace.
 */
function startNamespaces({ layout, privilege, shell, environment }: SandboxRequest): NamespaceProcess {
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
  const limits = ['--pdeathsig', 'KILL', ...jobLimits(privilege)];
  const supervisor = [shell, '-c', SUPERVISOR_PROGRAM, 'supervisor', layout.scratchDir, layout.projectDir];
  if (privilege === 'user-namespace') {
    namespaces.unshift('--user', '--map-root-user');
    // mount(8) wants to be root; the job should see itself as the person, and without rights over its mounts.
    supervisor.unshift('unshare', '--user', ...ownIdentity(), '--');
  }
  const child = spawn(
    'setpriv',
    [
      ...[...limits, '--', 'unshare', ...namespaces, '--'],
      ...['/bin/sh', '-c', SETUP_PROGRAM, 'setup', layout.layers, layout.scratch, ...supervisor],
    ],
    { stdio: ['pipe', 'ignore', 'pipe', 'pipe'], env: environment, cwd: '/', detached: true },
  );
  const { stdin, stderr } = child;
  const answers = child.stdio[3];
  if (stdin === null || stderr === null || !(answers instanceof Readable)) {
    throw new Error('spawn made no pipes');
  }
  return Object.assign(child, { stdin, stderr, answers });
}

function jobLimits(privilege: Privilege): readonly string[] {
  if (privilege !== 'root') return [];
  return ['--bounding-set', RIGHTS_OVER_THE_MACHINE.map((name) => `-${name}`).join(',')];
}

/**
 * What no namespace keeps from a job of root: setting the machine's clock, loading kernel modules, reaching ports and
 * memory, rebooting. capabilities(7), as setpriv(1) names them; users' jobs have none of them anyway.
 */
const RIGHTS_OVER_THE_MACHINE = ['sys_time', 'sys_module', 'sys_rawio', 'sys_boot'];

type NamespaceProcess = ChildProcess & {
  readonly stdin: Writable;
  readonly stderr: Readable;
  /** Descriptor 3 of the supervisor. */
  readonly answers: Readable;
};

function ownIdentity(): readonly string[] {
  return [`--map-user=${process.geteuid?.() ?? 0}`, `--map-group=${process.getegid?.() ?? 0}`];
}

async function superviseNamespaces(request: SandboxRequest, child: NamespaceProcess): Promise<Sandbox> {
  const { layout, signal } = request;
  const answers = createLineQueue(child.answers);
  const diagnostics = collectTail(child.stderr);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  // Writing to a supervisor that is gone fails; that it is gone is known from its answers ending.
  child.stdin.on('error', () => undefined);
  const kill = () => signalProcess(child, child.pid, 'SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const ready = (await answers.next()) === 'ready';
  signal.removeEventListener('abort', kill);
  const firstProcess = ready ? await findFirstProcess(child) : null;
  if (firstProcess === null || signal.aborted) {
    kill();
    await ended;
    await removeTree(layout.layers);
    signal.throwIfAborted();
    throw sandboxFailed(diagnostics() || 'its namespaces could not be made');
  }
  return openSandbox(request, { child, answers, ended, diagnostics, firstProcess });
}

interface Supervised {
  readonly child: NamespaceProcess;
  readonly answers: LineQueue;
  readonly ended: Promise<void>;
  readonly diagnostics: () => string;
  readonly firstProcess: number;
}

function openSandbox({ layout, privilege }: SandboxRequest, supervised: Supervised): Sandbox {
  const { child, answers, ended, diagnostics, firstProcess } = supervised;
  const folder = openSync(
    `/proc/${firstProcess}/root${layout.projectDir}`,
    constants.O_RDONLY | constants.O_DIRECTORY,
  );
  let disposed: Promise<void> | null = null;
  async function dispose(): Promise<void> {
    closeSync(folder);
    // Not unshare but its child: unshare then reports the end only after the kernel has ended the whole namespace.
    signalProcess(child, firstProcess, 'SIGKILL');
    await ended;
    await removeTree(layout.layers);
  }
  return {
    workspace: `/proc/${process.pid}/fd/${folder}`,
    async run(shell, scriptName) {
      child.stdin.write(`${shell} ${scriptName}\n`);
      const answer = await answers.next();
      return answer === null ? null : Number(answer.replace('exit ', ''));
    },
    enter: (command, onTerminal) =>
      enterSandbox(
        {
          maker: child.pid ?? 0,
          firstProcess,
          privilege,
          projectDir: layout.projectDir,
          limits: jobLimits(privilege),
          onTerminal,
        },
        command,
      ),
    signal: (how) => signalProcess(child, firstProcess, how === 'terminate' ? 'SIGUSR1' : 'SIGUSR2'),
    diagnostics,
    [Symbol.asyncDispose]() {
      disposed ??= dispose();
      return disposed;
    },
  };
}

function sandboxFailed(reason: string): AppError {
  return new AppError('sandbox-failed', `The sandbox could not be made: ${reason}`, {
    hint: 'Run the job without one: --no-sandbox.',
  });
}

/** The number, in our own process namespace, of the one process that unshare forked. */
async function findFirstProcess(child: ChildProcess): Promise<number | null> {
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(() => '');
  const number = Number.parseInt(children, 10);
  return Number.isNaN(number) ? null : number;
}

/** Signals a process of the sandbox, unless its parent has ended: then the number may be somebody else's. */
function signalProcess(parent: NamespaceProcess, pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || parent.exitCode !== null || parent.signalCode !== null) return;
  signalQuietly(pid, signal);
}

/** Keeps the end of what a process said about itself. */
function collectTail(source: Readable): () => string {
  let tail = '';
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  return () => tail.trim();
}
