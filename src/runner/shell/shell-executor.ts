import { type Clock, systemClock } from '../../base/clock.ts';
import type { Executor } from '../executor.ts';
import { baseEnvironment, systemSearchPath } from './base-environment.ts';
import { findShell } from './find-shell.ts';
import { createPlainEnvironment } from './plain-environment.ts';
import type { Privilege } from './sandbox/mount-plan.ts';
import { probeSandbox, type SandboxSupport } from './sandbox/probe-sandbox.ts';
import { createRootPool, type RootPoolOptions } from './sandbox/root-pool.ts';
import { createSandboxedEnvironment, lookAtMachine, type SandboxedRequest } from './sandboxed-environment.ts';
import { missedWithoutContainers } from './without-containers.ts';

export interface ShellExecutorOptions {
  /** `auto`: namespaces of its own for every job, where the machine allows it; `off`: never. */
  readonly sandbox: 'auto' | 'off';
  /** A folder in which to try out whether sandboxes work: on the disk where the jobs' scratch folders will be. */
  readonly scratchRoot: string;
  /** PATH of the jobs; default: where the system keeps its programs. */
  readonly searchPath?: string;
  /** Default `never`; `when-untouched` keeps sandboxes for the next job, so the executor must be disposed. */
  readonly reuse?: RootPoolOptions['reuse'];
  readonly clock?: Clock;
}

/**
 * Runs scripts on this machine with bash (sh where there is none), in a clean environment with a private home.
 *
 * In a sandbox the job sees the whole system, but what it writes outside its working copy goes to a throw-away layer,
 * /tmp and the home folder are its own, and no process outlives it. The network is the machine's. It is a guard
 * against what a script does by accident or carelessness; a job that runs as root and means harm can still reach the
 * machine's devices.
 */
export function createShellExecutor(options: ShellExecutorOptions): Executor {
  const clock = options.clock ?? systemClock;
  const searchPath = options.searchPath ?? systemSearchPath(process.platform);
  let shell: Promise<string> | null = null;
  let support: Promise<SandboxSupport> | null = null;
  let sandboxes: SandboxParts | null = null;

  function shellPath(): Promise<string> {
    shell ??= findShell(searchPath);
    return shell;
  }

  function sandboxSupport(): Promise<SandboxSupport> {
    support ??= options.sandbox === 'off' ? switchedOff() : probe();
    return support;
  }

  async function probe(): Promise<SandboxSupport> {
    const path = await shellPath();
    const environment = baseEnvironment({ searchPath, home: '/', shell: path });
    return await probeSandbox({ scratchRoot: options.scratchRoot, shell: path, environment });
  }

  function sandboxParts(privilege: Privilege, shell: string): SandboxParts {
    const { reuse = 'never', scratchRoot: parent } = options;
    const environment = baseEnvironment({ searchPath, home: '/', shell });
    sandboxes ??= {
      roots: createRootPool({ parent, privilege, shell, environment, reuse }),
      machine: lookAtMachine(),
    };
    return sandboxes;
  }

  return {
    name: 'shell',
    layersWorkspaces: async () => (await sandboxSupport()).kind === 'possible',
    async prepare(request) {
      const support = await sandboxSupport();
      request.signal.throwIfAborted();
      const shell = await shellPath();
      for (const sentence of missedWithoutContainers(request.job)) {
        await request.log.line(`WARNING: ${sentence}`, 'warning');
      }
      if (support.kind === 'possible') {
        const parts = sandboxParts(support.privilege, shell);
        return await createSandboxedEnvironment({ ...request, ...parts, shell, searchPath, clock });
      }
      await request.log.line(`This job runs without a sandbox. ${support.reason}.`, 'warning');
      return await createPlainEnvironment({ ...request, shell, searchPath, clock });
    },
    async [Symbol.asyncDispose]() {
      await sandboxes?.roots[Symbol.asyncDispose]();
    },
  };
}

type SandboxParts = Pick<SandboxedRequest, 'roots' | 'machine'>;

async function switchedOff(): Promise<SandboxSupport> {
  return { kind: 'impossible', reason: 'It was switched off' };
}
