import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** Speaks TLS in front of a server, with a certificate that nobody trusts who is not told to. */
export interface TlsFront {
  readonly url: string;
  /** A file to trust. */
  readonly certificate: string;
  /** Where what comes in goes to. */
  leadTo(url: string): void;
}

export async function startTlsFront(): Promise<TlsFront> {
  const folder = await temporaryFolder();
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=front'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  let port = 0;
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (client) => {
    const behind = connect({ host: '127.0.0.1', port });
    client.pipe(behind).pipe(client);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  const own = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `https://127.0.0.1:${own}`,
    certificate,
    leadTo(url) {
      port = Number(new URL(url).port);
    },
  };
}
