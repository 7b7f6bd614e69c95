/**
 * How many processes and threads a sandbox may have at once, so that a fork bomb ends itself and not the machine; null
 * where the kernel has no limit for one PID namespace.
 *
 * Linux 6.14 made /proc/sys/kernel/pid_max a setting of the namespace. Before, writing it from inside would have set it
 * for the whole machine, which is why the version is asked. No resource limit does this: those do not hold root.
 */
export function processLimit(kernelRelease: string, processors: number): number | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
  const version = Number(major) * 1000 + Number(minor);
  return version >= 6014 ? Math.max(4096, 1024 * processors) : null;
}
