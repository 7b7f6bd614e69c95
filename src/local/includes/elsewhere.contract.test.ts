import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT_WORLD, describeElsewhere } from '../../config/test-support/elsewhere-contract.ts';
import { serveGit } from '../../includes/test-support/git-http-server.ts';
import { makeRepository, publish } from '../../includes/test-support/repository.ts';
import { openSources, type SourcesRequest } from './open-sources.ts';

/** A server of remote files. */
async function serveFiles(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const files: Readonly<Record<string, string>> = CONTRACT_WORLD.remotes;
  const server = createServer((request, response) => {
    const text = Object.hasOwn(files, request.url ?? '') ? files[request.url ?? ''] : undefined;
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function openWorld(how: 'server' | 'checkout' | 'own repository') {
  const base = mkdtempSync(join(tmpdir(), 'slipway-elsewhere-'));
  const checkout = join(base, 'checkout');
  makeRepository(checkout, CONTRACT_WORLD.refs);
  publish(checkout, join(base, 'served', `${CONTRACT_WORLD.project}.git`));
  // What is on this machine must be read there: the server has it only when it is meant to be asked.
  const served = join(base, how === 'server' ? 'served' : 'nothing');
  const [git, files] = await Promise.all([serveGit(served, 's3cret'), serveFiles()]);
  const request: SourcesRequest = {
    root: how === 'own repository' ? checkout : join(base, 'root'),
    ownPath: how === 'own repository' ? CONTRACT_WORLD.project : 'group/own',
    server: git.url,
    checkouts: how === 'checkout' ? new Map([[CONTRACT_WORLD.project, checkout]]) : new Map(),
    allowedHosts: ['127.0.0.1'],
    mode: 'normal',
    environment: { ...process.env, HOME: base, XDG_CACHE_HOME: join(base, 'cache'), SLIPWAY_TOKEN: 's3cret' },
    warn: () => undefined,
  };
  return {
    elsewhere: openSources(request).elsewhere,
    host: new URL(git.url).host,
    address: (path: string) => `${files.url}${path}`,
    async close() {
      await Promise.all([git.close(), files.close()]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

describeElsewhere('a git server that asks for a password', () => openWorld('server'));
describeElsewhere('a checkout that stands in', () => openWorld('checkout'));
describeElsewhere('the repository of the project itself', () => openWorld('own repository'));
