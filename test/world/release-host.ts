import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer as createHost } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ownFolder } from './aws-tools.ts';
import { output } from './command.ts';

/** A host that answers to github.com, over HTTPS, and gives one file. */
export interface ReleaseHost extends AsyncDisposable {
  /** The content of a file that the variable WGETRC may name: wget finds the host by it, and trusts it. */
  readonly wgetrc: string;
  /** The paths that were asked for, as they stood in the requests. */
  readonly requests: readonly string[];
}

export interface Release {
  /** As it stands in the request, escaped. */
  readonly path: string;
  /** What the archive holds: files of this machine by their name in it. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Serves a release from this machine. The way there is a proxy, which is how many a network reaches the world: no name
 * must be made to lead here for the whole machine, and nobody but who is told goes this way.
 */
export async function startReleaseHost({ path, files }: Release): Promise<ReleaseHost> {
  const folder = await mkdtemp(join(await ownFolder(), 'releases-'));
  const certificate = join(folder, 'github.crt');
  const key = join(folder, 'github.key');
  await output('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=github.com'],
    ...['-addext', 'subjectAltName=DNS:github.com', '-keyout', key, '-out', certificate],
  ]);
  const archive = await archiveOf(folder, files);
  const requests: string[] = [];

  const host = createHost({ key: await readFile(key), cert: await readFile(certificate) });
  host.on('request', (request, response) => {
    requests.push(request.url ?? '');
    if (request.url === path) response.end(archive);
    else response.writeHead(404).end();
  });
  const proxy = createProxy();
  proxy.on('connect', (request, socket) => {
    const known = request.url === 'github.com:443';
    socket.write(`HTTP/1.1 ${known ? '200 Here it is' : '502 No such host'}\r\n\r\n`);
    if (known) host.emit('connection', socket);
    else socket.end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;

  return {
    wgetrc: `use_proxy = on\nhttps_proxy = http://127.0.0.1:${port}/\nca_certificate = ${certificate}\n`,
    requests,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function archiveOf(folder: string, files: Release['files']): Promise<Buffer> {
  const content = join(folder, 'content');
  await mkdir(content);
  for (const [name, source] of Object.entries(files)) {
    await writeFile(join(content, name), await readFile(source), { mode: 0o755 });
  }
  const archive = join(folder, 'release.tar.gz');
  await output('tar', ['-czf', archive, '-C', content, ...Object.keys(files)]);
  return readFile(archive);
}
