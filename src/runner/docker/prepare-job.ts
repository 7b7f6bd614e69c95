import type { MountSettings } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { JobImage, JobSpec } from '../../protocol/index.ts';
import type { JobEnvironment, PrepareRequest } from '../executor.ts';
import { currentOwner } from '../owner/process-owner.ts';
import { projectDirIn } from '../workspace/project-dir.ts';
import type { ContainerJob } from './container-job.ts';
import type { DockerExecutorOptions } from './docker-executor.ts';
import type { Engine } from './engine.ts';
import { engineError } from './engine.ts';
import { engineSocketFor } from './engine-socket.ts';
import { ensureImage } from './ensure-image.ts';
import { createJobContainer } from './job-container.ts';
import type { ExpandedVariables } from './job-variables.ts';
import { expandImage, expandJobVariables } from './job-variables.ts';
import { openWorkspace } from './open-workspace.ts';
import type { OwnedResources } from './owned-resources.ts';
import { ownedResources } from './owned-resources.ts';
import { LABELS, ownerLabels } from './ownership.ts';
import { runImageCommand } from './run-image-command.ts';
import { startServices } from './start-services.ts';

export interface DockerJobEnvironment extends JobEnvironment {
  readonly imageId: string;
}

/**
 * Image, network and services if the job has any, and the container, which is created but not started. What was made
 * before something failed or was aborted is removed again.
 */
export async function prepareJob(
  engine: Engine,
  options: DockerExecutorOptions,
  request: PrepareRequest,
  sequence: number,
): Promise<DockerJobEnvironment> {
  const resources = ownedResources();
  try {
    return await prepareWith(resources, engine, options, request, sequence);
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw engineError(error, `prepare the containers of the job "${request.job.name}"`);
  }
}

async function prepareWith(
  resources: OwnedResources,
  engine: Engine,
  options: DockerExecutorOptions,
  request: PrepareRequest,
  sequence: number,
): Promise<DockerJobEnvironment> {
  const { job, workspace, references = [], volumes = [], scratch, log, signal } = request;
  // GitLab's places: /builds/group/project, and next to it a `.tmp` folder for the files of variables.
  const projectDir = job.sharedWorkspace?.path ?? projectDirIn('/builds', job.projectPath);
  const scratchDir = `${projectDir}.tmp`;
  const variables = expandJobVariables(job, projectDir);
  const image = jobImage(job, options.defaultImage, variables);
  const containerJob: ContainerJob = {
    engine,
    options,
    job: { ...job, services: job.services.map((service) => expandImage(service, variables)) },
    name: `slipway-${options.runId.replace(/[^a-zA-Z0-9_.-]/g, '-')}-${job.id}-${sequence}`,
    labels: {
      ...ownerLabels(currentOwner(), options.runId),
      [LABELS.job]: String(job.id),
      [LABELS.jobName]: job.name,
    },
    projectDir,
    variables,
    mounts: [
      bind(workspace, projectDir),
      bind(scratch, scratchDir),
      ...volumes.map(({ folder, path }) => bind(folder, path)),
      ...references.map(({ folder, shownAt }) => ({ ...bind(folder, shownAt), ReadOnly: true })),
    ],
    engineSocket: options.engineSocket ? await engineSocketFor(job.services, options.env) : null,
    resources,
    log,
    signal,
  };

  await log.line(`Running in the image ${image.name}.`, 'info');
  const local = await ensureImage(engine, {
    image,
    defaultPolicy: options.pullPolicy,
    jobVariables: variables.values,
    env: options.env,
    log,
    signal,
  });
  if (!isRoot(image.user ?? local.user)) await openWorkspace([workspace, scratch]);
  const services = await startServices(containerJob);
  const places = { projectDir, scratch, scratchDir };
  // An image that is there for its own program may have no shell.
  const container = createOnce(() => createJobContainer(containerJob, image, services, places));
  if (job.command === undefined) await container();
  let programs = 0;
  signal.throwIfAborted();

  return {
    imageId: local.id,
    projectDir,
    scratchDir,
    workspace,
    variables: {},
    run: async (script) => await (await container()).run(script),
    runCommand(run) {
      programs += 1;
      const own = { ...containerJob, name: `${containerJob.name}-program-${programs}` };
      return runImageCommand(own, image, services, run);
    },
    interact: async (interaction) => await (await container()).interact(interaction),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

function createOnce<Made>(create: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | null = null;
  return () => {
    made ??= create();
    return made;
  };
}

function jobImage(job: JobSpec, defaultImage: string | null, variables: ExpandedVariables): JobImage {
  const image = job.image ?? (defaultImage === null ? null : imageNamed(defaultImage));
  if (image === null) {
    throw new AppError('image-missing', `The job "${job.name}" names no image to run in.`, {
      hint: 'Give it `image:`, or run it without a container: --executor shell.',
    });
  }
  return expandImage(image, variables);
}

function imageNamed(name: string): JobImage {
  return { name, entrypoint: null, pullPolicy: [], platform: null, user: null };
}

/** As a mount, not a "bind" string: the engine then refuses a folder that it does not see, instead of making one. */
function bind(source: string, target: string): MountSettings {
  return { Type: 'bind', Source: source, Target: target };
}

function isRoot(user: string): boolean {
  const [name] = user.split(':');
  return name === '' || name === 'root' || name === '0';
}
