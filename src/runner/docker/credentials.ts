import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerConfigFolder } from './engine-address.ts';

/** What the engine shows a registry when it pulls. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds the credentials for a registry, in GitLab's order: the job's DOCKER_AUTH_CONFIG, the person's own
 * ~/.docker/config.json with its credential helpers, the job's CI_REGISTRY_USER and CI_REGISTRY_PASSWORD for
 * CI_REGISTRY. Null: pull as nobody. A helper is a program of the person's machine, so only the person's file may
 * name one, never a pipeline's variable.
 */
export async function findCredentials(
  registry: string,
  jobVariables: ReadonlyMap<string, string>,
  env: Env,
): Promise<RegistryCredentials | null> {
  const fromJob = readDockerConfig(jobVariables.get('DOCKER_AUTH_CONFIG') ?? '');
  const own = readDockerConfig(await readOwnConfig(env));
  return (
    fromAuths(fromJob, registry) ??
    (await fromHelper(own, registry, env)) ??
    fromAuths(own, registry) ??
    fromRegistryVariables(jobVariables, registry)
  );
}

/** Whether a job's DOCKER_AUTH_CONFIG names credential helpers, which are not run for it. */
export function asksForHelpers(jobVariables: ReadonlyMap<string, string>): boolean {
  const { helpers, store } = readDockerConfig(jobVariables.get('DOCKER_AUTH_CONFIG') ?? '');
  return helpers.size > 0 || store !== null;
}

/** The parts of Docker's config.json that name credentials. */
export interface DockerConfig {
  /** Registry as `host[:port]` to its user and password. */
  readonly auths: ReadonlyMap<string, { readonly username: string; readonly password: string }>;
  readonly helpers: ReadonlyMap<string, string>;
  /** The helper for registries without one of their own. */
  readonly store: string | null;
}

/** Reads what is there and leaves out what has another shape: the file belongs to another program. */
export function readDockerConfig(json: string): DockerConfig {
  const config = parseJson(json);
  const auths = new Map<string, { username: string; password: string }>();
  for (const [key, value] of entriesOf(field(config, 'auths'))) {
    const login = readLogin(value);
    if (login !== null) auths.set(registryKey(key), login);
  }
  const helpers = new Map<string, string>();
  for (const [key, value] of entriesOf(field(config, 'credHelpers'))) {
    if (isHelperName(value)) helpers.set(registryKey(key), value);
  }
  const store = field(config, 'credsStore');
  return { auths, helpers, store: isHelperName(store) ? store : null };
}

function readLogin(value: unknown): { username: string; password: string } | null {
  const username = field(value, 'username');
  const password = field(value, 'password');
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  const auth = field(value, 'auth');
  if (typeof auth !== 'string') return null;
  const plain = Buffer.from(auth, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  return colon < 0 ? null : { username: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

/** `https://index.docker.io/v1/` is how config.json spells Docker Hub; other keys may carry a scheme and a path too. */
function registryKey(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

function fromAuths(config: DockerConfig, registry: string): RegistryCredentials | null {
  const login = config.auths.get(registryKey(registry));
  return login === undefined ? null : { ...login, serveraddress: registry };
}

function fromRegistryVariables(
  variables: ReadonlyMap<string, string>,
  registry: string,
): RegistryCredentials | null {
  const username = variables.get('CI_REGISTRY_USER');
  const password = variables.get('CI_REGISTRY_PASSWORD');
  if (variables.get('CI_REGISTRY') !== registry || !username || !password) return null;
  return { username, password, serveraddress: registry };
}

async function fromHelper(
  config: DockerConfig,
  registry: string,
  env: Env,
): Promise<RegistryCredentials | null> {
  const helper = config.helpers.get(registryKey(registry)) ?? config.store;
  if (helper === null) return null;
  const server = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  const answer = parseJson(await askHelper(`docker-credential-${helper}`, server, env));
  const username = field(answer, 'Username');
  const password = field(answer, 'Secret');
  if (typeof username !== 'string' || typeof password !== 'string' || password === '') return null;
  return { username, password, serveraddress: registry };
}

const HELPER_PATIENCE_MS = 30_000;

/**
 * Speaks the credential helpers' protocol: the registry on standard input, JSON on standard output, anything else
 * than success means "none" (https://github.com/docker/docker-credential-helpers).
 */
async function askHelper(program: string, server: string, env: Env): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: HELPER_PATIENCE_MS,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    // A helper that is missing or ends before it has read its input simply has no answer.
    child.on('error', () => resolve(''));
    child.stdin.on('error', () => resolve(''));
    child.on('close', (code) => resolve(code === 0 ? output : ''));
    child.stdin.end(server);
  });
}

async function readOwnConfig(env: Env): Promise<string> {
  return readFile(join(dockerConfigFolder(env), 'config.json'), 'utf8').catch(() => '');
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isHelperName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]*$/i.test(value);
}
