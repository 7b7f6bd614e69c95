import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import type { TestDatabases } from '../../src/store/test-support/test-databases.ts';

const run = promisify(execFile);

export interface PostgresServer {
  readonly databases: TestDatabases;
  /** Makes a new database. Answers with its address; it stays. */
  addDatabase(): Promise<string>;
  stop(): Promise<void>;
  /** As if its machine had lost power. */
  kill(): Promise<void>;
  /** Again, after a `kill`. */
  start(): Promise<void>;
}

/**
 * A PostgreSQL of its own in a temporary folder, reached only by a socket in it and run by a user without rights; or
 * the server of `SLIPWAY_TEST_POSTGRES`, which is only stopped by whoever started it. Null when there is neither.
 */
export async function privatePostgres(): Promise<PostgresServer | null> {
  const given = process.env.SLIPWAY_TEST_POSTGRES;
  if (given !== undefined && given !== '') {
    const nothing = () => Promise.resolve();
    const addDatabase = () => createDatabase(given);
    return { addDatabase, databases: databasesOf(given), stop: nothing, kill: nothing, start: nothing };
  }
  const programs = await findPrograms();
  return programs === null ? null : await startServer(programs);
}

async function findPrograms(): Promise<string | null> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions
    .map(Number)
    .filter((version) => version >= 15)
    .sort((a, b) => b - a)[0];
  return newest === undefined ? null : join(root, String(newest), 'bin');
}

async function startServer(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp('/tmp/slipway-postgres-'); // Paths of sockets have to be short.
  const identity = await unprivileged();
  if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid ?? identity.uid);
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  const options = { ...identity, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } };
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'slipway', '-A', 'trust', '-E', 'UTF8'], options);
  const url = `postgres://slipway@localhost/postgres?host=${encodeURIComponent(folder)}`;
  let server: ReturnType<typeof spawn>;

  async function start(): Promise<void> {
    const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=200'];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    server = spawn(join(programs, 'postgres'), args, { ...options, stdio: 'ignore' });
    await answers(url);
  }

  async function end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  await start();
  return {
    addDatabase: () => createDatabase(url),
    databases: databasesOf(url),
    start,
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to be run by root. */
async function unprivileged(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const idOf = async (kind: string) => Number((await run('id', [kind, 'nobody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

/** A server that has just been started, or killed, refuses for a moment. */
async function answers(url: string): Promise<void> {
  for (let left = 300; ; left -= 1) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function databasesOf(server: string): TestDatabases {
  return {
    name: 'PostgreSQL',
    async create() {
      const url = await createDatabase(server);
      const name = new URL(url).pathname.slice(1);
      onTestFinished(() => query(server, `drop database ${name} with (force)`));
      return url;
    },
  };
}

async function createDatabase(server: string): Promise<string> {
  const name = `slipway_test_${randomBytes(6).toString('hex')}`;
  await query(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function query(server: string, text: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
