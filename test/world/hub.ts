import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GATEWAY_ADDRESS, HUB_ADDRESS } from './addresses.ts';
import { makeHubCertificates } from './certificates.ts';
import { output } from './command.ts';
import { WORLD_NETWORK } from './network.ts';
import { createTokenService } from './token-service.ts';

export interface Hub extends AsyncDisposable {
  /** The access token of its one account, zhendrikse. */
  readonly token: string;
  /** Images of the engine of this machine that go into the hub under their own name. */
  seed(images: readonly string[]): Promise<void>;
  /** The tags of a repository that a pipeline has pushed to; none when nobody has. */
  tags(repository: string): Promise<readonly string[]>;
  /** The digest of `repository:tag`, as somebody who pulls it would see it. */
  digest(repository: string, tag: string): Promise<string>;
}

export interface HubOptions {
  /** The world's folder, with the authority that build-all.sh has made. */
  readonly state: string;
  /** A private folder for this world's certificates. */
  readonly scratch: string;
  readonly labels: readonly string[];
  /** slipway-test/hub:RECIPE */
  readonly image: string;
}

/** Starts the world's Docker Hub: a registry in a container, and the service that gives tokens in this process. */
export async function startHub(options: HubOptions): Promise<Hub> {
  await makeHubCertificates(options.state, options.scratch);
  await chmod(options.scratch, 0o755);
  const token = `dckr_pat_${randomBytes(20).toString('base64url')}`;
  const tokens = createTokenService({
    account: 'zhendrikse',
    token,
    key: await readFile(join(options.scratch, 'tokens.key'), 'utf8'),
    certificate: await readFile(join(options.scratch, 'tokens.crt'), 'utf8'),
  });
  tokens.listen(0, GATEWAY_ADDRESS);
  await once(tokens, 'listening');
  const realm = `http://${GATEWAY_ADDRESS}:${(tokens.address() as AddressInfo).port}/token`;

  const container = await output('docker', [
    ...['run', '--detach', '--network', WORLD_NETWORK, '--ip', HUB_ADDRESS, ...options.labels],
    ...['--volume', 'slipway-test-hub:/var/lib/registry', '--volume', `${options.scratch}:/run/hub:ro`],
    ...['--env', `TOKEN_REALM=${realm}`, '--publish', '127.0.0.1::5000', options.image],
  ]);
  const seedAddress = await output('docker', ['port', container, '5000/tcp']);
  const registry = `http://${seedAddress}/v2`;
  await untilItAnswers(`${registry}/`);

  return {
    token,
    seed: (images) => seed(seedAddress, images),
    async tags(repository) {
      const response = await fetch(`${registry}/${repository}/tags/list`);
      const body = response.ok ? ((await response.json()) as { tags: string[] | null }) : { tags: null };
      return body.tags ?? [];
    },
    async digest(repository, tag) {
      const accept = 'application/vnd.docker.distribution.manifest.v2+json';
      const response = await fetch(`${registry}/${repository}/manifests/${tag}`, { headers: { accept } });
      const digest = response.headers.get('docker-content-digest');
      if (!response.ok || digest === null) {
        throw new Error(`the hub has no ${repository}:${tag} (HTTP ${response.status})`);
      }
      return digest;
    },
    async [Symbol.asyncDispose]() {
      tokens.closeAllConnections();
      tokens.close();
      await output('docker', ['rm', '--force', container]);
    },
  };
}

async function seed(address: string, images: readonly string[]): Promise<void> {
  for (const image of images) {
    const remote = `${address}/library/${image}`;
    await output('docker', ['tag', image, remote]);
    await output('docker', ['push', '--quiet', remote]);
    await output('docker', ['rmi', remote]);
  }
}

/** The registry listens within moments; its container's log says why when it does not. */
async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (attempt === 100) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
