import type { Container, ContainerCreateOptions, MountSettings } from 'dockerode';
import type { JobService } from '../../protocol/index.ts';
import type { JobLog } from '../log/job-log.ts';
import type { ContainerJob } from './container-job.ts';
import { certificateMounts, isPrivilegedService } from './docker-in-docker.ts';
import { engineError } from './engine.ts';
import type { LocalImage } from './ensure-image.ts';
import { ensureImage } from './ensure-image.ts';
import { serviceHostNames } from './image-reference.ts';
import { environmentList, serviceVariables } from './job-variables.ts';
import { lacksCapabilities, replaceByNearlyPrivileged } from './privileges.ts';
import { followServiceLog, showServiceLog } from './service-log.ts';
import { waitForService } from './wait-for-service.ts';

export interface Services {
  /** The private network of the job; null when it has no services, and so no need of one. */
  readonly network: string | null;
  /** What the job's container mounts besides its own folders. */
  readonly mounts: readonly MountSettings[];
  /** Shows the log of each service that has ended since; each only once. */
  showDead(log: JobLog): Promise<void>;
}

export interface RunningService {
  /** What people know it by: its first host name. */
  readonly name: string;
  readonly container: Container;
}

/**
 * Starts the job's services side by side on a network of their own and waits until they accept connections. One that
 * does not in time, or has died, is a warning with its log and not a failure: GitLab lets the job find out.
 * @throws AppError `image-pull-failed`, `container-start-failed`, `docker-request-failed`
 */
export async function startServices(containerJob: ContainerJob): Promise<Services> {
  const { job, engine, name, labels, resources, log, signal, options } = containerJob;
  if (job.services.length === 0) {
    return { network: null, mounts: [], showDead: async () => undefined };
  }

  const named = nameServices(job.services);
  const images: LocalImage[] = [];
  for (const { service } of named) {
    images.push(
      await ensureImage(engine, {
        image: service,
        defaultPolicy: options.pullPolicy,
        jobVariables: containerJob.variables.values,
        env: options.env,
        log,
        signal,
      }),
    );
  }
  const network = await engine.createNetwork({ Name: name, Driver: 'bridge', Labels: { ...labels } });
  resources.addNetwork(network);
  const mounts = await certificateMounts(containerJob);
  const starting = named.map((each, index) => startService(containerJob, each, index, mounts));
  // All of them, even when one fails: what is still being made could not be removed.
  const started = await Promise.allSettled(starting);
  const running = started.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  signal.throwIfAborted();

  if (images.some((image) => image.tcpPorts.length > 0)) {
    await log.line(
      `Waiting for services to accept connections (${options.serviceWaitSeconds} s at most) …`,
      'info',
    );
  }
  const shown = new Set<RunningService>();
  await Promise.all(
    running.map(async (service, index) => {
      const outcome = await waitForService(containerJob, service, images[index]?.tcpPorts ?? []);
      if (outcome === 'died') shown.add(service);
      if (outcome !== 'ready') await showServiceLog(service, log, outcome);
    }),
  );
  return { network: name, mounts, showDead: (output) => showDeadServices(running, shown, output) };
}

interface NamedService {
  readonly service: JobService;
  readonly hostNames: readonly string[];
}

/** Of two services of one image the first has the image's host names; the other is reached by its aliases alone. */
function nameServices(services: readonly JobService[]): readonly NamedService[] {
  const taken = new Set<string>();
  return services.map((service) => {
    const wanted = [...serviceHostNames(service.name), ...service.aliases];
    const hostNames = wanted.filter((hostName) => !taken.has(hostName));
    for (const hostName of hostNames) taken.add(hostName);
    return { service, hostNames };
  });
}

async function startService(
  containerJob: ContainerJob,
  { service, hostNames }: NamedService,
  index: number,
  mounts: readonly MountSettings[],
): Promise<RunningService> {
  const { engine, job, log, name, options, resources, variables } = containerJob;
  const label = hostNames[0] ?? service.name;
  if (hostNames.length === 0) {
    await log.line(
      `The service ${service.name} (number ${index + 1}) has no host name: another has taken them. Give it an alias.`,
      'warning',
    );
  }
  await log.line(`Starting the service ${service.name} as ${hostNames.join(', ') || 'no host'} …`, 'info');
  const create: ContainerCreateOptions = {
    name: `${name}-service-${index + 1}`,
    Image: service.name,
    Env: environmentList(serviceVariables(variables, service.variables)),
    Labels: { ...containerJob.labels },
    ...(service.platform === null ? {} : { platform: service.platform }),
    ...(service.entrypoint === null ? {} : { Entrypoint: [...service.entrypoint] }),
    ...(service.command === null ? {} : { Cmd: [...service.command] }),
    ...(service.user === null ? {} : { User: service.user }),
    HostConfig: {
      NetworkMode: name,
      Mounts: [...containerJob.mounts, ...mounts],
      Privileged: isPrivilegedService(options.privileged, service),
      // Kept by the engine, so that they can be shown when the service dies, but not without end.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
      ...(options.memoryBytes === null ? {} : { Memory: options.memoryBytes }),
    },
    NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [...hostNames] } } },
  };
  try {
    const running = { name: label, container: await createAndStart(containerJob, create) };
    if (variables.values.get('CI_DEBUG_SERVICES') === 'true') {
      resources.addBackground(followServiceLog(engine, running, log));
    }
    return running;
  } catch (error) {
    throw engineError(
      error,
      `start the service ${service.name} of the job "${job.name}"`,
      'container-start-failed',
    );
  }
}

async function showDeadServices(
  services: readonly RunningService[],
  shown: Set<RunningService>,
  log: JobLog,
): Promise<void> {
  for (const service of services) {
    if (shown.has(service) || (await isRunning(service))) continue;
    shown.add(service);
    await showServiceLog(service, log, 'died');
  }
}

/** What cannot be asked about counts as running: there is no log to show either. */
async function isRunning({ container }: RunningService): Promise<boolean> {
  return container.inspect().then(
    ({ State }) => State.Running,
    () => true,
  );
}

async function createAndStart(
  containerJob: ContainerJob,
  create: ContainerCreateOptions,
): Promise<Container> {
  const container = await containerJob.engine.createContainer(create);
  containerJob.resources.addContainer(container);
  try {
    await container.start();
    return container;
  } catch (error) {
    if (!lacksCapabilities(error, create)) throw error;
  }
  const replacement = await replaceByNearlyPrivileged(containerJob, container, create);
  await replacement.start();
  return replacement;
}
