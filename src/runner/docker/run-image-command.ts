import type { Container, ContainerCreateOptions } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { JobImage } from '../../protocol/index.ts';
import type { CommandRun, ScriptResult } from '../executor.ts';
import { containerEnd } from './container-end.ts';
import type { ContainerJob } from './container-job.ts';
import { demultiplex } from './demultiplex.ts';
import { engineError, engineWords } from './engine.ts';
import { bytesOf, containerOptions, createOrExplain, trustWorkingCopy } from './job-container.ts';
import { environmentList } from './job-variables.ts';
import { lacksCapabilities, replaceByNearlyPrivileged } from './privileges.ts';
import type { Services } from './start-services.ts';
import { killContainer, stopOnAbort } from './stop-on-abort.ts';

/**
 * Runs a program of an image, or the one it is made for, in a container of its own: there need be no shell in it. The
 * program is the container's first process, so a signal that it does not handle does nothing, and an aborted one that
 * does not end by itself is killed after its grace.
 * @throws AppError `container-start-failed`
 */
export async function runImageCommand(
  containerJob: ContainerJob,
  image: JobImage,
  services: Services,
  run: CommandRun,
): Promise<ScriptResult> {
  const { options, resources } = containerJob;
  const { signal, graceSeconds, log } = run;
  if (signal.aborted) return { kind: 'aborted' };
  const create = createOptions(containerJob, image, services, run);
  let container = await createOrExplain(containerJob, create);
  resources.addContainer(container);
  let stream: NodeJS.ReadWriteStream;
  try {
    stream = await attachAndStart(container);
  } catch (error) {
    if (!lacksCapabilities(error, create)) throw startError(error, image, run);
    container = await replaceByNearlyPrivileged(containerJob, container, create);
    stream = await attachAndStart(container).catch((other: unknown) => {
      throw startError(other, image, run);
    });
  }
  const stop = stopOnAbort(container, signal, graceSeconds, options.clock);
  try {
    const copying = copyOutput(stream, log);
    // A log that takes no more ends the program: nobody would read the rest of its output.
    const killing = copying.catch(() => killContainer(container, 'SIGKILL'));
    const [, end] = await Promise.all([copying, containerEnd(container, options.memoryBytes), killing]);
    if (signal.aborted) return { kind: 'aborted' };
    if (end.kind === 'lost' || end.exitCode !== 0) await services.showDead(log);
    return end;
  } finally {
    await stop[Symbol.asyncDispose]();
  }
}

function createOptions(
  containerJob: ContainerJob,
  image: JobImage,
  services: Services,
  { command, variables, folder }: CommandRun,
): ContainerCreateOptions {
  const { program, arguments: given } = command;
  return {
    ...containerOptions(containerJob, image, services),
    Env: [...trustWorkingCopy(containerJob.projectDir), ...environmentList(variables)],
    // The engine makes it when it is missing.
    WorkingDir: folder,
    ...(program === null ? {} : { Entrypoint: [program] }),
    // With a program the engine leaves out the image's own arguments; without both they stay.
    ...(given === null ? {} : { Cmd: [...given] }),
  };
}

/** Attaches first, so that not a byte of output is missed. */
async function attachAndStart(container: Container): Promise<NodeJS.ReadWriteStream> {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  stream.on('error', () => undefined);
  await container.start();
  return stream;
}

async function copyOutput(stream: NodeJS.ReadWriteStream, log: CommandRun['log']): Promise<void> {
  for await (const bytes of demultiplex(bytesOf(stream))) await log.write(bytes);
}

function startError(error: unknown, image: JobImage, { command }: CommandRun): unknown {
  const translated = engineError(error, `start a container of ${image.name}`, 'container-start-failed');
  const words = engineWords(error);
  if (!(translated instanceof AppError)) return translated;
  if (command.program !== null && /executable file not found|no such file or directory/i.test(words)) {
    return new AppError(translated.code, translated.message, {
      cause: error,
      hint: `The image ${image.name} has no program ${command.program}.`,
    });
  }
  return translated;
}
