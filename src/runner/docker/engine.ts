import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { EngineAddress } from './engine-address.ts';
import { findEngineAddress } from './engine-address.ts';

export type Engine = Docker;

/**
 * A client for the engine of this machine. It makes no request: whether the engine answers shows at the first use.
 * The library costs more to load than everything else a job needs, so it is loaded here and nowhere else.
 * @throws AppError as findEngineAddress does.
 */
export async function connectEngine(env: Readonly<Record<string, string | undefined>>): Promise<Engine> {
  const address = await findEngineAddress(env);
  const { default: Client } = await import('dockerode');
  return new Client(await clientOptions(address));
}

/** Every option that the library would otherwise take from this process's environment is given. */
async function clientOptions(address: EngineAddress): Promise<Docker.DockerOptions> {
  if (address.kind === 'socket') return { socketPath: address.path, host: '', protocol: 'http' };
  const { host, port, certificates } = address;
  if (certificates === null) return { host, port, protocol: 'http' };
  const read = (name: string) => readFile(join(certificates, name), 'utf8');
  try {
    const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
    return { host, port, protocol: 'https', ca, cert, key };
  } catch (cause) {
    throw new AppError('docker-engine-unavailable', `Cannot read the engine's certificates: ${text(cause)}`, {
      cause,
      hint: 'DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem.',
    });
  }
}

const UNREACHABLE = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTSOCK',
  'ENOTDIR',
  'ETIMEDOUT',
]);

/**
 * The engine's refusal as an error for a person; `doing` completes "Cannot …". What is an AppError already, and the
 * reason of an abort, stay what they are.
 */
export function engineError(cause: unknown, doing: string, code = 'docker-request-failed'): unknown {
  if (cause instanceof AppError || isAbort(cause)) return cause;
  const errno = errorCode(cause);
  if (errno !== null && UNREACHABLE.has(errno)) {
    const why =
      errno === 'EACCES' || errno === 'EPERM'
        ? 'this user may not use its socket'
        : `nothing answers (${errno})`;
    return new AppError('docker-engine-unavailable', `Cannot reach the Docker engine: ${why}.`, {
      cause,
      hint:
        errno === 'EACCES' || errno === 'EPERM'
          ? 'Join the group "docker" and log in again, or run the jobs without containers: --executor shell.'
          : 'Start the engine (for example `sudo systemctl start docker`), or run the jobs without containers: --executor shell.',
    });
  }
  return new AppError(code, `Cannot ${doing}: ${engineWords(cause)}`, { cause });
}

/** What the engine itself said, without the client's wrapping. */
export function engineWords(error: unknown): string {
  const json: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'json') : null;
  const message: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'message') : null;
  return (typeof message === 'string' ? message : text(error)).trim();
}

/** The HTTP status of the engine's refusal; null when it gave none. */
export function statusOf(error: unknown): number | null {
  const status: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : null;
  return typeof status === 'number' ? status : null;
}

/** Removing what is gone already is no failure. */
export async function ignoreGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/**
 * Removes a container with its anonymous volumes, whatever it is doing. Also when somebody else is removing it just
 * now it is gone afterwards, so that its network and volumes can go.
 */
export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await ignoreGone(container.remove({ force: true, v: true }));
  } catch (error) {
    if (statusOf(error) !== 409 || !/already in progress/.test(engineWords(error))) throw error;
    await ignoreGone(container.wait({ condition: 'removed' }));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function errorCode(error: unknown): string | null {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : null;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
