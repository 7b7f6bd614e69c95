import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface S3Server {
  /** Of a bucket on it, as `openBlobs` takes it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The bucket of `SLIPWAY_TEST_S3`, or one on moto's server, which is installed once beside the npm packages. */
export async function s3Server(): Promise<S3Server | string> {
  const given = process.env.SLIPWAY_TEST_S3;
  if (given !== undefined && given !== '') return { address: given, stop: () => Promise.resolve() };
  const program = await installed().catch(
    (error: unknown) => `moto cannot be installed: ${String(error).slice(0, 200)}`,
  );
  return program.startsWith('/') ? await start(program) : program;
}

async function installed(): Promise<string> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache', `moto-${MOTO}`);
  const program = join(folder, 'bin/moto_server');
  if (existsSync(program)) return program;
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', `moto[server,s3]==${MOTO}`]);
  return program;
}

const MOTO = '5.2.5';

async function start(program: string): Promise<S3Server> {
  // Its client looks for a login; any will do here.
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(program, ['-H', '127.0.0.1', '-p', new URL(endpoint).port], { stdio: 'ignore' });
  await bucketMade(`${endpoint}/files`);
  return {
    address: `s3://files/some/prefix?endpoint=${encodeURIComponent(endpoint)}`,
    async stop() {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

async function bucketMade(url: string): Promise<void> {
  for (let left = 300; ; left -= 1) {
    try {
      const { ok, status } = await fetch(url, { method: 'PUT' });
      if (ok) return;
      throw new Error(`The bucket was answered with ${status}`);
    } catch (error) {
      if (left === 0) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
