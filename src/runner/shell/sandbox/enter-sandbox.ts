import type { Privilege } from './mount-plan.ts';

export interface SandboxEntrance {
  /** Number of the process that made the namespaces, and of the sandbox's process 1, both as this process sees them. */
  readonly maker: number;
  readonly firstProcess: number;
  readonly privilege: Privilege;
  readonly projectDir: string;
  /** setpriv(1)'s options for what jobs of this sandbox may not do. */
  readonly limits: readonly string[];
  /** The command gets a terminal, and may take it into a process group of its own. */
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
  const namespaces = ['mnt', 'pid', 'ipc', 'uts'].map(
    (name) => `--${name === 'mnt' ? 'mount' : name}=/proc/${firstProcess}/ns/${name}`,
  );
  // The folder is found by the shell: nsenter's own --wd would look for it outside.
  const inside = ['/bin/sh', '-c', 'cd "$0" && exec "$@"', projectDir, ...command];
  const own = ['--preserve-credentials', '--'];
  const entered =
    privilege === 'root'
      ? [...namespaces, '--', ...inside]
      : [
          ...[`--user=/proc/${maker}/ns/user`, ...namespaces, ...own],
          ...['nsenter', '--user=/proc/1/ns/user', ...own, ...inside],
        ];
  const line = ['setpriv', ...limits, '--', 'nsenter', ...entered] as const;
  return onTerminal
    ? ['/bin/sh', '-c', GIVE_TERMINAL_BACK, 'terminal', ...line]
    : [line[0], ...line.slice(1)];
}

/**
 * A shell inside takes the terminal for a process group of its own. It cannot give it back, because groups outside its
 * process namespace have no number there; this shell outside does.
 */
const GIVE_TERMINAL_BACK = 'set -m; "$@"; exit $?';
