import { lstat, realpath } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { JobEnvironment, PrepareRequest } from '../executor.ts';
import type { JobLog } from '../log/job-log.ts';
import { projectDirIn } from '../workspace/project-dir.ts';
import { baseEnvironment, homeFolder } from './base-environment.ts';
import { interactByProcess } from './interact-by-process.ts';
import { runScript, type ScriptStarter } from './run-script.ts';
import type { SandboxLayout } from './sandbox/mount-plan.ts';
import type { RootPool } from './sandbox/root-pool.ts';
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts';

/** What sandboxes need to know of this machine; the same for all jobs. */
export interface SandboxMachine {
  /** /builds, or where that link leads. */
  readonly buildsDir: string;
  readonly homeDir: string | null;
  readonly sockets: readonly string[];
}

export async function lookAtMachine(): Promise<SandboxMachine> {
  return {
    buildsDir: await realpath('/builds').catch(() => '/builds'),
    homeDir: await hideableHome(),
    sockets: await existing(ENGINE_SOCKETS),
  };
}

export interface SandboxedRequest extends PrepareRequest {
  readonly roots: RootPool;
  readonly machine: Promise<SandboxMachine>;
  readonly shell: string;
  readonly searchPath: string;
  readonly clock: Clock;
}

/**
 * A job's environment in a sandbox. Its working copy stands at /builds/GROUP/PROJECT, where GitLab's containers have
 * it, with the scratch folder beside it; its home has the path of the person's, which `ssh` takes from the password
 * file whatever HOME says.
 */
export async function createSandboxedEnvironment(request: SandboxedRequest): Promise<JobEnvironment> {
  const { shell, searchPath, clock, roots, signal } = request;
  const { buildsDir, homeDir, sockets } = await request.machine;
  const projectDir = request.job.sharedWorkspace?.path ?? projectDirIn(buildsDir, request.job.projectPath);
  const scratchDir = `${projectDir}.tmp`;
  const layout: SandboxLayout = {
    scratchDir,
    workspace: request.layer === undefined ? request.workspace : { lower: request.layer.lower },
    references: request.layer?.references ?? request.references ?? [],
    projectDir,
    volumes: request.volumes ?? [],
    homeDir,
    sockets,
  };
  const root = await roots.take(layout, signal);
  const sandbox = await startSandbox(root, projectDir, signal).catch(async (error: unknown) => {
    await roots.giveBack(layout, root);
    throw error;
  });
  const { scratch } = root;
  const starter: ScriptStarter = {
    scratch,
    endsEveryWriter: true,
    start: (name) => ({ ended: sandbox.run(shell, name), signal: sandbox.signal }),
    lostReason: () => lostReason(sandbox),
  };
  let disposed: Promise<void> | null = null;
  async function dispose(): Promise<void> {
    await sandbox.end();
    await roots.giveBack(layout, root);
  }
  return {
    projectDir,
    scratchDir,
    scratch,
    workspace: sandbox.workspace,
    variables: {},
    run: (script) => runScript(starter, script, clock),
    interact: (interaction) =>
      interactByProcess(
        {
          scratch,
          command: (name) =>
            sandbox.enter([shell, `${scratchDir}/${name}`], interaction.terminal.input.isTTY === true),
          environment: baseEnvironment({ searchPath, home: homeDir ?? scratchDir, shell }),
          folder: '/',
          async end(graceSeconds) {
            const signal = new AbortController().signal;
            const script = endingScript(graceSeconds);
            await runScript(starter, { script, log: SILENCE, signal, graceSeconds: 0 }, clock);
          },
        },
        interaction,
      ),
    [Symbol.asyncDispose]() {
      disposed ??= dispose();
      return disposed;
    },
  };
}

/**
 * Ends everything else in the sandbox: as any script does when it is over, by then at the latest. What it sends does
 * not reach itself or process 1 (kill(2)).
 */
function endingScript(graceSeconds: number): string {
  if (graceSeconds === 0) return ':';
  const left = `[ $n -lt ${Math.ceil(graceSeconds * 10)} ] && kill -0 -- -1`;
  return `{ kill -TERM -- -1; n=0; while ${left}; do n=$((n+1)); sleep 0.1; done; } 2>/dev/null`;
}

const SILENCE: JobLog = {
  write: () => Promise.resolve(),
  line: () => Promise.resolve(),
  sectionStart: () => Promise.resolve(),
  sectionEnd: () => Promise.resolve(),
  mask: () => undefined,
};

function lostReason(sandbox: Sandbox): string {
  const said = sandbox.diagnostics();
  return `the job's sandbox ended${said === '' ? ' (killed, or out of memory)' : `: ${said}`}`;
}

/**
 * Unix sockets do not work through a layer (the kernel finds them by inode), so those of container engines are bound
 * in: a shell job may use docker. No others are: most lead to services that act with more rights than a job.
 */
const ENGINE_SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return [...new Set(found.filter((path) => path !== null))];
}

/** null for accounts whose home is missing, or is a folder that everything else lives in. */
async function hideableHome(): Promise<string | null> {
  const home = await realpath(homeFolder() ?? '/').catch(() => null);
  if (home === null || !(await lstat(home)).isDirectory()) return null;
  return /^\/[^/]*$/.test(home) && home !== '/root' ? null : home;
}
