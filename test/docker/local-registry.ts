import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { docker } from './docker-world.ts';

export interface LocalRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: the engine accepts a registry there without TLS. */
  readonly host: string;
  /** Pushes an image of the engine under the name, and removes that name from the engine. */
  publish(image: string, name: string): Promise<void>;
}

export const REGISTRY_USER = 'puller';
export const REGISTRY_PASSWORD = 'pull-password';

/** The line that `htpasswd -B` makes of the two above. */
const HTPASSWD = `${REGISTRY_USER}:$2b$12$.1XjqCCBvVtjAjAcAPM3c.jmMrCZMdVuRhKfzoq9ILdpsETHnsjXK\n`;

/** Starts Debian's docker-registry on a free port of the loopback; everybody who reads or writes must log in. */
export async function startRegistry(): Promise<LocalRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, 'htpasswd'), HTPASSWD);
  await writeFile(
    join(folder, 'config.yml'),
    [
      'version: 0.1',
      'log: { level: error, accesslog: { disabled: true } }',
      `storage: { filesystem: { rootdirectory: ${folder}/data } }`,
      `http: { addr: "${host}" }`,
      `auth: { htpasswd: { realm: test, path: ${folder}/htpasswd } }`,
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error('These tests need docker-registry (Debian: apt-get install docker-registry).', { cause });
  });
  await Promise.race([failed, untilItAnswers(host)]);

  // The command's login goes into a folder of the test, never into the person's own.
  const config = join(folder, 'docker-config');
  await docker(
    '--config',
    config,
    'login',
    '--username',
    REGISTRY_USER,
    '--password',
    REGISTRY_PASSWORD,
    host,
  );

  return {
    host,
    async publish(image, name) {
      await docker('tag', image, name);
      await docker('--config', config, 'push', '--quiet', name);
      await docker('rmi', name);
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilItAnswers(host: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => null);
    if (answer !== null) return;
    await delay(50);
  }
  throw new Error(`The registry does not answer at ${host}.`);
}
