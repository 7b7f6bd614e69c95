import type { Container, ContainerCreateOptions } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { ContainerJob } from './container-job.ts';
import { engineWords } from './engine.ts';

/**
 * Whether the engine refused to start a privileged container because it does not have every capability itself: it
 * runs on a machine, or in a container, that was given fewer.
 */
export function lacksCapabilities(error: unknown, create: ContainerCreateOptions): boolean {
  return (
    create.HostConfig?.Privileged === true &&
    /unable to apply caps: operation not permitted/.test(engineWords(error))
  );
}

/**
 * Creates, in the place of a privileged container that was refused, the nearest thing such an engine can give, and
 * says so in the log: every capability but SYS_RESOURCE (which lifts the machine's limits and so is the one withheld),
 * no system call filter, all devices, and control groups it may write.
 *
 * Only where control groups are of version 1. Under version 2 the container would be shown the machine's own tree,
 * and an engine that starts in it begins by moving every process of that tree.
 */
export async function replaceByNearlyPrivileged(
  { engine, resources, log }: ContainerJob,
  refused: Container,
  create: ContainerCreateOptions,
): Promise<Container> {
  await resources.removeContainer(refused);
  const info: unknown = await engine.info();
  if (typeof info !== 'object' || info === null || Reflect.get(info, 'CgroupVersion') !== '1') {
    throw new AppError('container-start-failed', 'This Docker engine cannot start privileged containers.', {
      hint: 'It has fewer capabilities than a privileged container needs: use an engine that nothing confines.',
    });
  }
  await log.line(
    'The engine has fewer capabilities than a privileged container needs; this one gets all but SYS_RESOURCE.',
    'warning',
  );
  const container = await engine.createContainer(nearlyPrivileged(create));
  resources.addContainer(container);
  return container;
}

function nearlyPrivileged(create: ContainerCreateOptions): ContainerCreateOptions {
  const { HostConfig: host = {} } = create;
  return {
    ...create,
    HostConfig: {
      ...host,
      Privileged: false,
      CapAdd: ['ALL'],
      CapDrop: ['SYS_RESOURCE'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      DeviceCgroupRules: ['a *:* rwm'],
      Mounts: [...(host.Mounts ?? []), { Type: 'bind', Source: '/sys/fs/cgroup', Target: '/sys/fs/cgroup' }],
    },
  };
}
