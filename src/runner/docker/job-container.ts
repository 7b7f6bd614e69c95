import type { Container, ContainerCreateOptions } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { JobImage } from '../../protocol/index.ts';
import type { Interaction, ScriptResult, ScriptRun } from '../executor.ts';
import type { JobLog } from '../log/job-log.ts';
import { type ContainerEnd, containerEnd, lost } from './container-end.ts';
import type { ContainerJob } from './container-job.ts';
import { demultiplex } from './demultiplex.ts';
import { engineError, engineWords, statusOf } from './engine.ts';
import { SOCKET_IN_CONTAINERS } from './engine-socket.ts';
import { type ContainerPlaces, interactInContainer, rememberEntrypoint } from './interact-in-container.ts';
import { environmentList } from './job-variables.ts';
import { lacksCapabilities, replaceByNearlyPrivileged } from './privileges.ts';
import { afterMarker, SHELL_COMMAND, shellInput } from './shell-input.ts';
import type { Services } from './start-services.ts';
import { killContainer, stopOnAbort } from './stop-on-abort.ts';

export interface JobContainer {
  /** @throws AppError `container-start-failed` when no shell can be started in the image. */
  run(script: ScriptRun): Promise<ScriptResult>;
  /** @throws AppError `container-start-failed`, `shell-not-started` */
  interact(interaction: Interaction): Promise<number>;
}

/**
 * The container that a job's scripts run in, one after the other. It is created here and started by each script: a
 * container that has ended keeps its files, and starting it again runs the image's entrypoint again.
 */
export async function createJobContainer(
  containerJob: ContainerJob,
  image: JobImage,
  services: Services,
  places: ContainerPlaces,
): Promise<JobContainer> {
  const { resources, options } = containerJob;
  const create = createOptions(containerJob, image, services);
  let container = await createOrExplain(containerJob, create);
  resources.addContainer(container);

  async function start(): Promise<NodeJS.ReadWriteStream> {
    try {
      return await attachAndStart(container);
    } catch (error) {
      if (!lacksCapabilities(error, create)) throw error;
    }
    container = await replaceByNearlyPrivileged(containerJob, container, create);
    return attachAndStart(container);
  }

  return {
    async run({ script, log, signal, graceSeconds }) {
      if (signal.aborted) return { kind: 'aborted' };
      let stream: NodeJS.ReadWriteStream;
      try {
        stream = await start();
      } catch (error) {
        if (statusOf(error) === 404 && /no such container/i.test(engineWords(error))) return lost(error);
        throw startError(error, image);
      }
      const stop = stopOnAbort(container, signal, graceSeconds, options.clock);
      try {
        const marker = `<${containerJob.name}>`;
        stream.end(shellInput(script, marker));
        const copying = copyOutput(stream, marker, log);
        // A log that takes no more ends the script: nobody would read the rest of its output.
        const killing = copying.then(
          () => undefined,
          () => killContainer(container, 'SIGKILL'),
        );
        const [started, end] = await Promise.all([
          copying,
          containerEnd(container, options.memoryBytes),
          killing,
        ]);
        if (signal.aborted) return { kind: 'aborted' };
        if (end.kind === 'exited' && !started) throw neverStarted(image, end.exitCode);
        if (end.kind === 'lost' || end.exitCode !== 0) await services.showDead(log);
        return end;
      } finally {
        await stop[Symbol.asyncDispose]();
      }
    },

    async interact(interaction) {
      const { signal, graceSeconds, terminal } = interaction;
      signal.throwIfAborted();
      const stream = await start().catch((error: unknown) => {
        throw startError(error, image);
      });
      const ended = containerEnd(container, options.memoryBytes);
      const stop = stopOnAbort(container, signal, graceSeconds, options.clock);
      try {
        const entrypointFile = `.entrypoint-${containerJob.name}`;
        const remember = rememberEntrypoint(places.scratchDir, entrypointFile);
        await standBy(stream, remember, `<${containerJob.name}>`, terminal.error, ended, image);
        return await interactInContainer(container, places, entrypointFile, interaction, options.clock);
      } finally {
        await stop[Symbol.asyncDispose]();
        stream.end();
        await killContainer(container, 'SIGKILL');
        await ended;
      }
    },
  };
}

/**
 * Brings the container's own shell to where it has done the first command and waits for the next, which keeps the
 * container running, also when everything in it is asked to end: with this shell would end the container, and with it,
 * unasked, what was about to say its last word. What the image's entrypoint says meanwhile is shown.
 */
async function standBy(
  stream: NodeJS.ReadWriteStream,
  first: string,
  marker: string,
  shown: NodeJS.WritableStream,
  ended: Promise<ContainerEnd>,
  image: JobImage,
): Promise<void> {
  stream.write(`trap '' TERM\n${first}\nprintf %s '${marker}'\n`);
  const started = new Promise<boolean>((resolve, reject) => {
    let isStarted = false;
    const output = afterMarker(demultiplex(bytesOf(stream)), marker, () => {
      isStarted = true;
      resolve(true);
    });
    const copy = async () => {
      for await (const bytes of output) if (!isStarted) shown.write(bytes);
    };
    copy().then(() => resolve(isStarted), reject);
  });
  if (await started) return;
  const end = await ended;
  throw neverStarted(image, end.kind === 'exited' ? end.exitCode : 137);
}

function createOptions(
  containerJob: ContainerJob,
  image: JobImage,
  services: Services,
): ContainerCreateOptions {
  return {
    ...containerOptions(containerJob, image, services),
    Cmd: [...SHELL_COMMAND],
    Env: [...trustWorkingCopy(containerJob.projectDir), ...environmentList(containerJob.variables.open)],
    WorkingDir: containerJob.projectDir,
    ...(image.entrypoint === null ? {} : { Entrypoint: [...image.entrypoint] }),
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
  };
}

/** What is the same whatever the container runs. */
export function containerOptions(
  { name, labels, mounts, engineSocket, options }: ContainerJob,
  image: JobImage,
  services: Services,
): ContainerCreateOptions {
  const socket =
    engineSocket === null
      ? []
      : [{ Type: 'bind', Source: engineSocket.path, Target: SOCKET_IN_CONTAINERS } as const];
  return {
    name,
    Image: image.name,
    Labels: { ...labels },
    ...(image.user === null ? {} : { User: image.user }),
    ...(image.platform === null ? {} : { platform: image.platform }),
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      Mounts: [...mounts, ...services.mounts, ...socket],
      ...(engineSocket === null ? {} : { GroupAdd: [String(engineSocket.group)] }),
      Privileged: options.privileged === true,
      // The output goes to the job's log; the engine would write it to disk a second time.
      LogConfig: { Type: 'none', Config: {} },
      ...(services.network === null ? {} : { NetworkMode: services.network }),
      ...(options.memoryBytes === null ? {} : { Memory: options.memoryBytes }),
    },
    ...(services.network === null
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [services.network]: { Aliases: ['build'] } } } }),
  };
}

/** The working copy belongs to whoever runs slipway, and git would refuse to look at another user's. */
export function trustWorkingCopy(projectDir: string): readonly string[] {
  return ['GIT_CONFIG_COUNT=1', 'GIT_CONFIG_KEY_0=safe.directory', `GIT_CONFIG_VALUE_0=${projectDir}`];
}

/** @throws AppError `docker-engine-remote`, `container-start-failed` */
export async function createOrExplain(
  { engine, job }: ContainerJob,
  create: ContainerCreateOptions,
): Promise<Container> {
  try {
    return await engine.createContainer(create);
  } catch (error) {
    if (/bind source path does not exist/.test(engineWords(error))) {
      throw new AppError(
        'docker-engine-remote',
        'The Docker engine does not see the folders of this machine.',
        {
          cause: error,
          hint: 'Run slipway where the engine runs (or share the temporary folder with it), or use --executor shell.',
        },
      );
    }
    throw engineError(error, `create the container of the job "${job.name}"`, 'container-start-failed');
  }
}

/** Attaches first, so that not a byte of output is missed. */
async function attachAndStart(container: Container): Promise<NodeJS.ReadWriteStream> {
  const stream = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  });
  // Whoever reads the stream is told too; an error that comes when nobody does must not end this process.
  stream.on('error', () => undefined);
  try {
    await container.start();
    return stream;
  } catch (error) {
    stream.end();
    throw error;
  }
}

/** Copies until the container's output ends; the answer is whether the script's shell was ever started. */
async function copyOutput(stream: NodeJS.ReadWriteStream, marker: string, log: JobLog): Promise<boolean> {
  let started = false;
  const output = afterMarker(demultiplex(bytesOf(stream)), marker, () => {
    started = true;
  });
  for await (const bytes of output) await log.write(bytes);
  return started;
}

/** A connection that breaks is an end of output like any other: what became of the container is asked elsewhere. */
export async function* bytesOf(stream: NodeJS.ReadWriteStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

function startError(error: unknown, image: JobImage): unknown {
  const translated = engineError(error, `start a container of ${image.name}`, 'container-start-failed');
  const noShell = /executable file not found|no such file or directory/i.test(engineWords(error));
  if (!noShell || !(translated instanceof AppError)) return translated;
  return new AppError(translated.code, translated.message, {
    cause: error,
    hint: 'The image needs a shell (sh). If its entrypoint is in the way, set `entrypoint: [""]` under `image:`.',
  });
}

function neverStarted(image: JobImage, exitCode: number): AppError {
  return new AppError(
    'container-start-failed',
    `A container of ${image.name} ended with exit code ${exitCode} before the script began.`,
    { hint: 'Its entrypoint does not run the command it is given; set `entrypoint: [""]` under `image:`.' },
  );
}
