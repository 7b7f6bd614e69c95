import { writeFile } from 'node:fs/promises';
import type { Aws } from './aws.ts';
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

/** What `examples/site` expects. */
export function siteSettings(aws: Aws, bucket: string, distribution: string): CiSettings {
  return { ...awsSettings(aws), SITE_BUCKET: plain(bucket), DISTRIBUTION_ID: plain(distribution) };
}

/** What a job needs to find the `aws` command and its server. */
export function awsSettings({ environment }: Aws): CiSettings {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, plain(value)]));
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

/** A variable whose value becomes a file, and which holds the file's path. */
export function file(value: string): CiVariable {
  return { value, masked: true, file: true };
}
