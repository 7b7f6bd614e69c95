import { stat } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import type { JobService } from '../../protocol/index.ts';
import { findEngineAddress } from './engine-address.ts';
import { isDockerInDocker } from './image-reference.ts';

/** The engine's own socket, as a job's container is given it. */
export interface EngineSocket {
  /** On this machine. */
  readonly path: string;
  /** Whose group may use it, for images with a user other than root. */
  readonly group: number;
}

/** Where every client looks for it. */
export const SOCKET_IN_CONTAINERS = '/var/run/docker.sock';

/**
 * The socket that a job is given when the person allows it: who has it may do anything on this machine. null for a job
 * with an engine of its own, a `docker:dind` service, which its client would no longer find.
 *
 * @throws AppError `engine-socket-missing` when the engine is reached in another way.
 */
export async function engineSocketFor(
  services: readonly JobService[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineSocket | null> {
  if (services.some(({ name }) => isDockerInDocker(name))) return null;
  const address = await findEngineAddress(env);
  if (address.kind !== 'socket') {
    throw new AppError(
      'engine-socket-missing',
      `The Docker engine is reached at ${address.host}:${address.port}: there is no socket to give to jobs.`,
      { hint: 'Leave out --engine-socket, or let DOCKER_HOST be the address of a socket (unix://…).' },
    );
  }
  const { gid } = await stat(address.path);
  return { path: address.path, group: gid };
}
