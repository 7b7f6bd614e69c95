import type { MountSettings } from 'dockerode';
import type { JobService } from '../../protocol/index.ts';
import type { ContainerJob } from './container-job.ts';
import { isDockerInDocker } from './image-reference.ts';
import { serviceVariables } from './job-variables.ts';

/**
 * The volume through which a `docker:dind` service hands the client's certificates to the job, as a GitLab runner set
 * up for Docker-in-Docker has it: at `$DOCKER_TLS_CERTDIR/client`, /certs/client unless the pipeline says otherwise.
 * None when there is no such service, or when the variable is empty, which turns TLS off.
 */
export async function certificateMounts(containerJob: ContainerJob): Promise<readonly MountSettings[]> {
  const { job, engine, name, labels, resources } = containerJob;
  const service = job.services.find((candidate) => isDockerInDocker(candidate.name));
  if (service === undefined) return [];
  const variables = serviceVariables(containerJob.variables, service.variables);
  const folder = variables.get('DOCKER_TLS_CERTDIR') ?? '/certs';
  if (!folder.startsWith('/') || folder.split('/').includes('..')) return [];
  const volume = `${name}-certificates`;
  await engine.createVolume({ Name: volume, Labels: { ...labels } });
  resources.addVolume(engine.getVolume(volume));
  return [{ Type: 'volume', Source: volume, Target: `${folder.replace(/\/+$/, '')}/client` }];
}

/** Whether a service's container is privileged: all are when asked for, by default only an engine in a container. */
export function isPrivilegedService(privileged: 'auto' | boolean, service: JobService): boolean {
  return privileged === 'auto' ? isDockerInDocker(service.name) : privileged;
}
