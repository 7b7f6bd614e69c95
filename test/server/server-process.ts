import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { newToken } from '../../src/server/broker/new-token.ts';
import { hashToken, openRepositories } from '../../src/server/index.ts';
import { createProject, createRunner, createToken, openStore, type Store } from '../../src/store/index.ts';

/** A server in a process of its own, which a test may kill. */
export interface ServerProcess {
  readonly address: string;
  readonly child: ChildProcess;
  /** kill -9, and gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerPlace {
  readonly data: string;
  /** A database URL; absent: in the data folder. */
  readonly database?: string;
  readonly storage?: string;
  /** The port of the address before, so that clients find it again; absent: any. */
  readonly port?: number;
  readonly arguments?: readonly string[];
  /** Beside the variables of the test. */
  readonly environment?: Readonly<Record<string, string>>;
}

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const BUNDLE = join(import.meta.dirname, '../../dist/slipway.js');

/** Starts `slipway server`, from the sources or from the bundle, and waits until it answers. */
export async function startServerProcess(
  place: ServerPlace,
  from: 'sources' | 'bundle' = 'sources',
): Promise<ServerProcess> {
  const args = ['server', '--data', place.data, '--port', String(place.port ?? 0), '--log-level', 'warn'];
  if (place.database !== undefined) args.push('--database', place.database);
  if (place.storage !== undefined) args.push('--storage', place.storage);
  args.push(...(place.arguments ?? []));
  if (from === 'bundle') await makeBundle();
  const program = from === 'sources' ? MAIN : BUNDLE;
  const child = spawn(process.execPath, [...profiling(), program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...place.environment },
  });
  const exited = once(child, 'exit');
  const address = await firstAddress(child);
  return {
    address,
    child,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The command makes it when the sources are newer. */
async function makeBundle(): Promise<void> {
  isBundled ??= promisify(execFile)(join(import.meta.dirname, '../../bin/slipway'), ['--version']);
  await isBundled;
}

let isBundled: Promise<unknown> | undefined;

/** `SLIPWAY_PROFILE=FOLDER`: the server leaves a CPU profile there when it is stopped. */
function profiling(): readonly string[] {
  const folder = process.env.SLIPWAY_PROFILE;
  return folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
}

async function firstAddress(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /Slipway is up: (\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    child.stdout.resume();
    return address;
  }
  throw new Error('The server ended before it was up');
}

/** What a test needs to talk to a server: a project with a repository, an administrator and a runner. */
export interface Footing {
  readonly store: Store;
  readonly projectId: number;
  readonly adminToken: string;
  readonly runnerToken: string;
  /** The folder of the bare repository. */
  readonly repository: string;
}

/** Puts a project `path` into a server's data, beside the server or before it starts. */
export async function addFooting(place: ServerPlace, path = 'team/app'): Promise<Footing> {
  await mkdir(place.data, { recursive: true });
  const store = await openStore({ database: place.database ?? place.data });
  const [adminToken, runnerToken] = [newToken('glpat'), newToken('glrt')];
  const now = systemClock.now();
  const projectId = await store.write(async ({ db }) => {
    const project = await createProject(db, { path, now });
    await createToken(db, {
      ...{ kind: 'personal', name: 'test', projectId: null, scopes: ['api'], expiresAt: null, now },
      tokenHash: hashToken(adminToken),
    });
    await createRunner(db, {
      ...{ kind: 'instance_type', description: 'test', tags: [], runUntagged: true, protected: false },
      ...{ locked: false, paused: false, maximumTimeoutSeconds: null, projects: [], now },
      tokenHash: hashToken(runnerToken),
    });
    return project?.id ?? 0;
  });
  const repositories = await openRepositories(join(place.data, 'repositories'));
  await repositories.create(projectId, 'main');
  return { store, projectId, adminToken, runnerToken, repository: repositories.folderOf(projectId) };
}
