import type { Privilege } from './mount-plan.ts';

export interface SandboxEntrance {
  /** Number of the process that made the namespaces, and of the sandbox's process 1, both as this process sees them. */
  readonly maker: number;
  readonly firstProcess: number;
  readonly privilege: Privilege;
  readonly projectDir: string;
  /** setpriv(1)'s options for what jobs of this sandbox may not do. */
  readonly limits: readonly string[];
  /** The command gets a terminal, in a process group of its own. */
  readonly onTerminal: boolean;
}

/**
 * The command line that runs another one inside a sandbox, beside its process 1 and with its rights.
 *
 * A user's sandbox has two user namespaces, one in the other: that of the mounts, in which mount(8) was root, and the
 * job's own. They can only be joined in that order, and the second only from inside, when the first has been joined.
 */
export function enterSandbox(
  entrance: SandboxEntrance,
  command: readonly string[],
): readonly [string, ...string[]] {
  const { maker, firstProcess, privilege, projectDir, limits, onTerminal } = entrance;
  const namespaces = ['mount=mnt', 'pid=pid', 'ipc=ipc', 'uts=uts'].map((option) => {
    const [name, file] = option.split('=');
    return `--${name}=/proc/${firstProcess}/ns/${file}`;
  });
  const gate = ['/bin/sh', '-c', onTerminal ? `set -m; ${GATE}` : GATE, projectDir, ...command];
  const own = ['--preserve-credentials', '--'];
  const entered =
    privilege === 'root'
      ? ['--', ...gate]
      : [`--user=/proc/${maker}/ns/user`, ...own, 'nsenter', '--user=/proc/1/ns/user', ...own, ...gate];
  return ['setpriv', ...limits, '--', 'nsenter', '--no-fork', ...namespaces, ...entered];
}

/**
 * What waits for the command: a shell that has joined all namespaces but that of processes, which only its children
 * are in. So it knows the terminal's process groups outside by number, as nobody inside does: with job control it gives
 * the terminal to the command, which then has Ctrl-C for itself, and gives it back at the end. It finds the folder too,
 * because nsenter's own --wd would look for it outside.
 */
const GATE = 'cd "$0" && { "$@"; exit $?; }';
