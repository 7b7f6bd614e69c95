import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';

/** How to reach the engine of this machine. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** The folder with ca.pem, cert.pem and key.pem; null: plain HTTP. */
      readonly certificates: string | null;
    };

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_SOCKET = '/var/run/docker.sock';
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i;

/**
 * Finds the engine as the `docker` command does: DOCKER_HOST, else the context of DOCKER_CONTEXT or of the command's
 * config.json, else the system's socket, else the one of a rootless engine.
 * @throws AppError `docker-engine-remote` when that engine is on another machine, where the job's files are not.
 */
export async function findEngineAddress(env: Env): Promise<EngineAddress> {
  if (env.DOCKER_HOST) return parseAddress(env.DOCKER_HOST, env, 'DOCKER_HOST');
  const context = env.DOCKER_CONTEXT || (await currentContext(env));
  if (context !== null && context !== 'default') {
    return parseAddress(await contextHost(context, env), env, `the Docker context "${context}"`);
  }
  if (!(await exists(DEFAULT_SOCKET)) && env.XDG_RUNTIME_DIR) {
    const rootless = join(env.XDG_RUNTIME_DIR, 'docker.sock');
    if (await exists(rootless)) return { kind: 'socket', path: rootless };
  }
  return { kind: 'socket', path: DEFAULT_SOCKET };
}

/** `from` names where the address was written, for messages. */
export function parseAddress(address: string, env: Env, from: string): EngineAddress {
  const [, scheme, rest] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(address) ?? [];
  if (rest === undefined || rest === '') throw notAnAddress(address, from);
  if (scheme === 'unix') return { kind: 'socket', path: rest };
  if (scheme === undefined && rest.startsWith('/')) return { kind: 'socket', path: rest };
  if (scheme === 'ssh') throw remote(address, from);
  if (scheme !== undefined && scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
    throw notAnAddress(address, from);
  }
  const url = URL.parse(`tcp://${rest}`);
  if (url === null || url.hostname === '') throw notAnAddress(address, from);
  if (!LOOPBACK.test(url.hostname)) throw remote(address, from);
  const tls = scheme === 'https' || Boolean(env.DOCKER_TLS_VERIFY);
  const certificates = env.DOCKER_CERT_PATH || dockerConfigFolder(env);
  return {
    kind: 'tcp',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 2376 : 2375) : Number(url.port),
    certificates: tls ? certificates : null,
  };
}

/** Where the `docker` command keeps its settings. */
export function dockerConfigFolder(env: Env): string {
  return env.DOCKER_CONFIG || join(env.HOME ?? '/', '.docker');
}

async function currentContext(env: Env): Promise<string | null> {
  return textField(await readJson(join(dockerConfigFolder(env), 'config.json')), 'currentContext');
}

async function contextHost(context: string, env: Env): Promise<string> {
  const id = createHash('sha256').update(context).digest('hex');
  const meta = await readJson(join(dockerConfigFolder(env), 'contexts', 'meta', id, 'meta.json'));
  const host = textField(field(field(meta, 'Endpoints'), 'docker'), 'Host');
  if (host === null) {
    throw new AppError('docker-engine-unavailable', `The Docker context "${context}" is not defined.`, {
      hint: 'See `docker context ls`, or run the jobs without containers: --executor shell.',
    });
  }
  return host;
}

/** Null for a file that is missing or is not JSON: the settings of another program are not ours to complain about. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textField(value: unknown, name: string): string | null {
  const text = field(value, name);
  return typeof text === 'string' && text !== '' ? text : null;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function remote(address: string, from: string): AppError {
  return new AppError(
    'docker-engine-remote',
    `The Docker engine ${address} (from ${from}) is not on this machine; it cannot see the working copies of jobs.`,
    {
      hint: 'Unset DOCKER_HOST or switch to a local context (`docker context use default`), run slipway on that machine, or use --executor shell.',
    },
  );
}

function notAnAddress(address: string, from: string): AppError {
  return new AppError('docker-engine-unavailable', `${from} is not an engine's address: "${address}".`, {
    hint: 'It looks like unix:///var/run/docker.sock or tcp://127.0.0.1:2375.',
  });
}
