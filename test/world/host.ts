import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_ADDRESS } from './addresses.ts';
import { command, output } from './command.ts';
import { WORLD_NETWORK } from './network.ts';

export interface Host extends AsyncDisposable {
  readonly address: string;
  /** The private key of the user ubuntu: RSA in PEM form, as cloud consoles hand it out. */
  readonly privateKey: string;
  /** The host's line of a known_hosts file. */
  readonly knownHosts: string;
  /** Runs a command on the host as root. */
  run(...args: string[]): Promise<string>;
  /** Takes away all that a pipeline has deployed. */
  reset(): Promise<void>;
}

export interface HostOptions {
  /** A private folder for the key. */
  readonly scratch: string;
  readonly labels: readonly string[];
  /** slipway-test/host:RECIPE */
  readonly image: string;
}

/** Starts the machine that pipelines deploy to: a container with sshd and an engine of its own. */
export async function startHost(options: HostOptions): Promise<Host> {
  const key = join(options.scratch, 'id_rsa');
  await output('ssh-keygen', [
    '-q',
    '-t',
    'rsa',
    '-b',
    '2048',
    '-m',
    'PEM',
    '-N',
    '',
    '-C',
    'test',
    '-f',
    key,
  ]);
  const authorizedKey = (await readFile(`${key}.pub`, 'utf8')).trim();

  const container = await runPrivileged([
    ...['--network', WORLD_NETWORK, '--ip', HOST_ADDRESS, ...options.labels],
    ...['--env', `AUTHORIZED_KEY=${authorizedKey}`, options.image],
  ]);
  const run = (...args: string[]) => output('docker', ['exec', container, ...args]);
  await untilTheEngineAnswers(container);
  const hostKey = await run('cat', '/etc/ssh/ssh_host_ed25519_key.pub');

  return {
    address: HOST_ADDRESS,
    privateKey: await readFile(key, 'utf8'),
    knownHosts: `${HOST_ADDRESS} ${hostKey.split(' ').slice(0, 2).join(' ')}\n`,
    run,
    async reset() {
      await run('sh', '-c', 'docker ps --all --quiet | xargs --no-run-if-empty docker rm --force');
      await run('docker', 'system', 'prune', '--all', '--force');
    },
    async [Symbol.asyncDispose]() {
      await output('docker', ['rm', '--force', '--volumes', container]);
    },
  };
}

/**
 * Starts a privileged container. An engine that does not have the capability SYS_RESOURCE itself cannot start one;
 * there the container gets all the others, which an engine in it can do with where control groups are of version 1.
 */
async function runPrivileged(args: readonly string[]): Promise<string> {
  const privileged = await command('docker', ['run', '--detach', '--privileged', ...args]);
  if (privileged.exitCode === 0) {
    return privileged.stdout.trim();
  }
  if (!privileged.stderr.includes('unable to apply caps: operation not permitted')) {
    throw new Error(`the host does not start: ${privileged.stderr}`);
  }
  // The engine has made the container before it failed to start it, and it holds the address.
  await output('docker', ['rm', '--force', '--volumes', privileged.stdout.trim()]);
  return output('docker', [
    ...['run', '--detach', '--cap-add=ALL', '--cap-drop=SYS_RESOURCE', '--device-cgroup-rule=a *:* rwm'],
    ...['seccomp', 'apparmor', 'systempaths'].map((option) => `--security-opt=${option}=unconfined`),
    ...['--volume=/sys/fs/cgroup:/sys/fs/cgroup', ...args],
  ]);
}

async function untilTheEngineAnswers(container: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const result = await command('docker', ['exec', container, 'docker', 'version']);
    if (result.exitCode === 0) {
      return;
    }
    if (attempt === 100) {
      const log = await command('docker', ['logs', '--tail', '30', container]);
      throw new Error(`the host's engine does not start: ${log.stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
