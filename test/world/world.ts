import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HUB_ADDRESS } from './addresses.ts';
import { output } from './command.ts';
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
  /** What a project of this world has in its CI settings. */
  readonly settings: WorldSettings;
}

export interface WorldSettings {
  readonly dockerHubToken: string;
  readonly instance: string;
  readonly sshPrivateKey: string;
  readonly sshKnownHosts: string;
}

/** Needs root (or what amounts to it), the Docker engine, and the Debian packages that test/README.md lists. */
export async function startWorld(): Promise<World> {
  const state = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway-test');
  await mkdir(state, { recursive: true });
  await buildImages(state);
  await removeLeftovers();
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-world-'));
  const cleanUp: (() => PromiseLike<unknown>)[] = [() => rm(scratch, { recursive: true }), closeNetwork];
  try {
    await openNetwork();
    const token = 'dckr_pat_of-the-test-world';
    const options = { state, scratch, labels: ['--label', LABEL] };
    const starting = [
      startHub({ ...options, account: 'zhendrikse', token, image: await imageOf('hub') }),
      startHost({ ...options, image: await imageOf('host') }),
    ] as const;
    for (const part of starting) {
      cleanUp.push(async () => (await part)[Symbol.asyncDispose]());
    }
    const [hub, host] = await Promise.all(starting);
    await hub.seed(['python:3.11-alpine']);
    const settings = {
      dockerHubToken: token,
      instance: host.address,
      sshPrivateKey: host.privateKey,
      sshKnownHosts: host.knownHosts,
    };
    return {
      hub,
      host,
      settings,
      async [Symbol.asyncDispose]() {
        await undo(cleanUp);
      },
    };
  } catch (error) {
    await undo(cleanUp);
    throw error;
  }
}

/** The values that `masterclass.gitlab-ci.yml` takes, as `--var` arguments. */
export function masterclassVariables(settings: WorldSettings): string[] {
  return [
    `--var=EC2_INSTANCE=${settings.instance}`,
    `--var=DOCKER_HUB_TOKEN=${settings.dockerHubToken}`,
    // In one line, as it is when it is pasted into a form: the job takes it apart at the spaces.
    `--var=EC2_SSH_PRIVATE_KEY=${settings.sshPrivateKey.trim().replaceAll('\n', ' ')}`,
  ];
}

/** The values that the improved `.gitlab-ci.yml` takes; its keys are files, which are written to `folder`. */
export async function exampleVariables(settings: WorldSettings, folder: string): Promise<string[]> {
  const files = {
    DOCKER_HUB_TOKEN: settings.dockerHubToken,
    EC2_SSH_KEY: settings.sshPrivateKey,
    EC2_KNOWN_HOSTS: settings.sshKnownHosts,
  };
  const args = [`--var=EC2_INSTANCE=${settings.instance}`];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    args.push(`--var-file=${name}=${path}`);
  }
  return args;
}

const LABEL = 'dev.slipway.test.world-part';

async function buildImages(state: string): Promise<void> {
  const script = join(import.meta.dirname, '..', 'images', 'build-all.sh');
  await output(script, [state, HUB_ADDRESS]);
}

async function imageOf(folder: string): Promise<string> {
  const names = await output('docker', [
    'image',
    'ls',
    '--format={{.Repository}}:{{.Tag}}',
    `slipway-test/${folder}`,
  ]);
  const [newest] = names.split('\n');
  if (newest === undefined || newest === '') {
    throw new Error(`build-all.sh has made no slipway-test/${folder}`);
  }
  return newest;
}

async function removeLeftovers(): Promise<void> {
  const containers = await output('docker', ['ps', '--all', '--quiet', `--filter=label=${LABEL}`]);
  if (containers !== '') {
    await output('docker', ['rm', '--force', '--volumes', ...containers.split('\n')]);
  }
  await closeNetwork();
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
