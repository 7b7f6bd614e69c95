import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HUB_ADDRESS } from './addresses.ts';
import { command, output } from './command.ts';
import { type Host, startHost } from './host.ts';
import { type Hub, startHub } from './hub.ts';
import { closeNetwork, openNetwork } from './network.ts';

/**
 * All that the example's pipelines meet outside of the machine they run on: an image registry that answers to Docker
 * Hub's names, and a host to deploy to; plus the images that their jobs name, in this machine's engine. There is one
 * world on a machine at a time; what an earlier one, that was killed, has left is taken away first.
 */
export interface World extends AsyncDisposable {
  readonly hub: Hub;
  readonly host: Host;
}

/** Needs root (or what amounts to it), the Docker engine, and the Debian packages that test/README.md lists. */
export async function startWorld(): Promise<World> {
  await requireTools();
  const state = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway-test');
  await mkdir(state, { recursive: true });
  const imageOf = await buildImages(state);
  await removeLeftovers();
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-world-'));
  const cleanUp: (() => PromiseLike<unknown>)[] = [() => rm(scratch, { recursive: true }), closeNetwork];
  try {
    await openNetwork();
    const options = { state, scratch, labels: ['--label', `${LABEL}=${process.pid}`] };
    const starting = [
      startHub({ ...options, image: imageOf('hub') }),
      startHost({ ...options, image: imageOf('host') }),
    ] as const;
    for (const part of starting) {
      cleanUp.push(async () => (await part)[Symbol.asyncDispose]());
    }
    const [hub, host] = await Promise.all(starting);
    await hub.seed(['python:3.11-alpine']);
    return {
      hub,
      host,
      async [Symbol.asyncDispose]() {
        await undo(cleanUp);
      },
    };
  } catch (error) {
    await undo(cleanUp);
    throw error;
  }
}

const LABEL = 'dev.slipway.test.world-part';

/** Says what is missing before anything is built, all of it at once. */
async function requireTools(): Promise<void> {
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(TOOLS)) {
    const found = await command('sh', ['-c', `command -v ${program}`]);
    if (found.exitCode !== 0) missing.push(`${program} (Debian: ${debianPackage})`);
  }
  const engine = missing.length === 0 ? await command('docker', ['version']) : null;
  if (engine !== null && engine.exitCode !== 0) missing.push(`a Docker engine (${engine.stderr.trim()})`);
  if (missing.length > 0) throw new Error(`the test world needs ${missing.join(', ')}`);
}

const TOOLS = {
  docker: 'docker.io',
  iptables: 'iptables',
  mmdebstrap: 'mmdebstrap',
  openssl: 'openssl',
  'ssh-keygen': 'openssh-client',
};

/** The images of the world's own parts, by part. */
async function buildImages(state: string): Promise<(part: string) => string> {
  const script = join(import.meta.dirname, '..', 'images', 'build-all.sh');
  const lines = (await output(script, [state, HUB_ADDRESS])).split('\n').map((line) => line.split(' '));
  return (part) => {
    const image = lines.find(([name]) => name === part)?.[1];
    if (image === undefined) throw new Error(`build-all.sh names no image for the ${part}`);
    return image;
  };
}

/** @throws when the parts that are there belong to a process that still runs: its tests would lose their world. */
async function removeLeftovers(): Promise<void> {
  const listed = await output('docker', [
    ...['ps', '--all', `--filter=label=${LABEL}`, `--format={{.ID}} {{.Label "${LABEL}"}}`],
  ]);
  const parts = listed.split('\n').filter((line) => line !== '');
  for (const [container = '', owner = ''] of parts.map((line) => line.split(' '))) {
    if (isRunning(Number(owner))) {
      throw new Error(`another test world is up (process ${owner}); there can be only one on a machine`);
    }
    await output('docker', ['rm', '--force', '--volumes', container]);
  }
  await closeNetwork();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Last in, first out; one failure does not keep the rest from being undone. */
async function undo(steps: readonly (() => PromiseLike<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, 'the test world could not be taken away whole');
  }
}
