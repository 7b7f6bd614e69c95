import { type ChildProcess, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { AppError } from '../../../base/app-error.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import { signalQuietly } from '../marked-processes.ts';
import { OUTPUT_PIPE } from '../run-script.ts';
import { createLineQueue, type LineQueue } from './line-queue.ts';
import { type MountPlan, type Privilege, planMounts, type SandboxLayout } from './mount-plan.ts';
import { formatFstab, isPlainPath, parseMountTable } from './mount-table.ts';
import { processLimit } from './process-limit.ts';
import { KEEPER_PROGRAM, SETUP_PROGRAM, SUPERVISOR_PROGRAM } from './sandbox-programs.ts';
import { recordTree } from './tree-record.ts';

/**
 * The root file system of sandboxes, mounted in namespaces of its own, with a keeper as process 1 that starts one
 * sandbox after another in it. All of them see the same files, so it may serve a second job only while it is `untouched`.
 *
 * When this process or the keeper ends, however, every process in it is killed by the kernel and its mounts vanish;
 * only the folder of layers is left on disk.
 */
export interface PreparedRoot {
  /** The folder of layers, for who removes it once the root has ended. */
  readonly layers: string;
  /** The scratch folder of its sandboxes, with the pipe of their output, as a path of this machine. */
  readonly scratch: string;
  /** Where keeper and sandboxes take their commands. */
  readonly commands: Writable;
  readonly answers: LineQueue;
  /** What keeper and sandbox have complained about since it was last forgotten. */
  diagnostics(): string;
  forgetDiagnostics(): void;
  /** Numbers of the process that made the namespaces, and of the keeper. */
  readonly maker: number;
  readonly keeper: number;
  readonly privilege: Privilege;
  hasEnded(): boolean;
  /** Whether all files are as they were when the root was made: no job wrote anything that another could see. */
  isUntouched(): boolean;
  /** Ends every process in it; the folder of layers stays. Idempotent. */
  end(): Promise<void>;
}

export interface RootRequest {
  readonly layout: SandboxLayout;
  /** A folder for the folder of layers. */
  readonly parent: string;
  readonly privilege: Privilege;
  /** Runs keeper and supervisor. */
  readonly shell: string;
  /** Of the scripts; HOME is decided by the layout. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * @throws AppError `sandbox-failed` when the kernel or the machine's settings refuse; the abort reason when aborted.
 */
export async function startRoot(request: RootRequest, signal: AbortSignal): Promise<PreparedRoot> {
  const { parent, layout, privilege } = request;
  if (!isPlainPath(parent)) {
    throw new AppError('sandbox-failed', `${parent} has a colon, comma, quote or backslash in its name`);
  }
  const layers = mkdtempSync(join(parent, 'root-'));
  try {
    mkdirSync(join(layers, 'scratch'), { mode: 0o700 });
    const mounts = parseMountTable(readFileSync('/proc/self/mountinfo', 'utf8'));
    const plan = planMounts(layout, layers, mounts, privilege);
    writeFileSync(join(layers, 'fstab'), formatFstab(plan.entries), { mode: 0o600 });
    const child = startNamespaces(request, layers);
    return await keepRoot({ layers, plan, child, privilege }, signal);
  } catch (error) {
    await removeTree(layers);
    throw error;
  }
}

interface RootInTheMaking {
  readonly layers: string;
  readonly plan: MountPlan;
  readonly child: NamespaceProcess;
  readonly privilege: Privilege;
}

async function keepRoot(
  { layers, plan, child, privilege }: RootInTheMaking,
  signal: AbortSignal,
): Promise<PreparedRoot> {
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const answers = createLineQueue(child.answers);
  const diagnostics = collectTail(child.stderr);
  // Writing to a keeper that is gone fails; that it is gone is known from its answers ending.
  child.stdin.on('error', () => undefined);
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const kill = () => {
    if (child.pid !== undefined && !hasEnded()) signalQuietly(child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  const isReady = (await answers.next()) === 'ready';
  signal.removeEventListener('abort', kill);
  const keeper = isReady && child.pid !== undefined ? onlyChildOf(child.pid) : null;
  if (keeper === null || signal.aborted) {
    kill();
    await ended;
    signal.throwIfAborted();
    throw sandboxFailed(diagnostics.text());
  }
  const scratch = join(layers, 'scratch');
  const places = [...plan.writable, `/proc/${keeper}/root/dev/shm`];
  const before = recordTree(places);
  const pipe = lstatSync(join(scratch, OUTPUT_PIPE)).ino;
  return {
    layers,
    scratch,
    commands: child.stdin,
    answers,
    diagnostics: diagnostics.text,
    forgetDiagnostics: diagnostics.forget,
    maker: child.pid ?? 0,
    keeper,
    privilege,
    hasEnded,
    isUntouched: () => !hasEnded() && recordTree(places) === before && clearScratch(scratch, pipe),
    async end() {
      // Not unshare but its child: unshare then reports the end only after the kernel has ended the whole namespace.
      if (!hasEnded()) signalQuietly(keeper, 'SIGKILL');
      await ended;
    },
  };
}

/** Removes everything but the pipe; false when that is not the one it was, or there is too much to remove at once. */
function clearScratch(scratch: string, pipe: number): boolean {
  const names = readdirSync(scratch);
  if (names.length > MOST_SCRATCH_FILES) return false;
  for (const name of names) {
    const stats = lstatSync(join(scratch, name));
    if (name === OUTPUT_PIPE && stats.isFIFO() && stats.ino === pipe) continue;
    if (name === OUTPUT_PIPE || stats.isDirectory()) return false;
    unlinkSync(join(scratch, name));
  }
  return names.includes(OUTPUT_PIPE) && (lstatSync(scratch).mode & 0o7777) === 0o700;
}

/** More than the scripts and file variables of most jobs. */
const MOST_SCRATCH_FILES = 50;

/**
 * `setpriv --pdeathsig` and `--kill-child` chain the lives: when this process dies, unshare dies; when unshare dies,
 * the keeper dies, and with it all namespaces of processes that were made below its own.
 */
function startNamespaces(
  { layout, privilege, shell, environment }: RootRequest,
  layers: string,
): NamespaceProcess {
  const limits = ['--pdeathsig', 'KILL', ...jobLimits(privilege)];
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];
  const sandbox = ['unshare', '--mount', '--pid', '--ipc', '--uts', '--fork', '--mount-proc', '--'];
  if (privilege === 'user-namespace') {
    namespaces.unshift('--user', '--map-root-user');
    // mount(8) wants to be root; the job should see itself as the person, and without rights over its mounts.
    sandbox.push('unshare', '--user', ...ownIdentity(), '--');
  }
  sandbox.push(shell, '-c', SUPERVISOR_PROGRAM, 'supervisor', layout.scratchDir, layout.projectDir);
  const processes = processLimit(release(), availableParallelism());
  const child = spawn(
    'setpriv',
    [
      ...[...limits, '--', 'unshare', ...namespaces, '--'],
      ...['/bin/sh', '-c', SETUP_PROGRAM, 'setup', layers, String(processes ?? '')],
      ...[shell, '-c', KEEPER_PROGRAM, 'keeper', ...sandbox],
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: { ...environment, HOME: layout.homeDir ?? layout.scratchDir },
      cwd: '/',
      detached: true,
    },
  );
  const { stdin, stderr } = child;
  const answers = child.stdio[3];
  if (stdin === null || stderr === null || !(answers instanceof Readable)) {
    throw new Error('spawn made no pipes');
  }
  return Object.assign(child, { stdin, stderr, answers });
}

/** setpriv(1)'s options for what jobs may not do. */
export function jobLimits(privilege: Privilege): readonly string[] {
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
  /** Descriptor 3 of keeper and supervisor. */
  readonly answers: Readable;
};

function ownIdentity(): readonly string[] {
  return [`--map-user=${process.geteuid?.() ?? 0}`, `--map-group=${process.getegid?.() ?? 0}`];
}

export function sandboxFailed(said: string): AppError {
  const reason = said === '' ? 'its namespaces could not be made' : said;
  return new AppError('sandbox-failed', `The sandbox could not be made: ${reason}`, {
    hint: 'Run the job without one: --no-sandbox.',
  });
}

/** The number, in our own process namespace, of the one child of a process; null when there is none. */
export function onlyChildOf(pid: number): number | null {
  try {
    const number = Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
    return Number.isNaN(number) ? null : number;
  } catch {
    return null; // It has just ended.
  }
}

/** Keeps the end of what a process said about itself. */
function collectTail(source: Readable): { text(): string; forget(): void } {
  let tail = '';
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  return {
    text: () => tail.trim(),
    forget() {
      tail = '';
    },
  };
}
