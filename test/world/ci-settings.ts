import { writeFile } from 'node:fs/promises';
import type { World } from './world.ts';

/** The CI variables of a project, as `slipway run --var-file` takes them from a .json file. */
export type CiSettings = Readonly<Record<string, CiVariable>>;

interface CiVariable {
  readonly value: string;
  readonly masked: boolean;
  readonly file: boolean;
}

/** What `masterclass.gitlab-ci.yml` expects: the key in one line, as it is when it is pasted into a form. */
export function masterclassSettings({ host, hub }: World): CiSettings {
  return {
    EC2_INSTANCE: plain(host.address),
    DOCKER_HUB_TOKEN: secret(hub.token),
    EC2_SSH_PRIVATE_KEY: secret(host.privateKey.trim().replaceAll('\n', ' ')),
  };
}

/** What the example's own `.gitlab-ci.yml` expects: secrets as files. */
export function exampleSettings({ host, hub }: World): CiSettings {
  return {
    EC2_INSTANCE: plain(host.address),
    DOCKER_HUB_TOKEN: file(hub.token),
    EC2_SSH_KEY: file(host.privateKey),
    EC2_KNOWN_HOSTS: file(host.knownHosts),
  };
}

export async function writeSettings(path: string, settings: CiSettings): Promise<void> {
  await writeFile(path, JSON.stringify(settings), { mode: 0o600 });
}

function plain(value: string): CiVariable {
  return { value, masked: false, file: false };
}

function secret(value: string): CiVariable {
  return { value, masked: true, file: false };
}

function file(value: string): CiVariable {
  return { value, masked: true, file: true };
}
