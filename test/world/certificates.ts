import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from './command.ts';

/**
 * Writes what the hub shows and signs with into a folder: `hub.crt`/`hub.key`, TLS for Docker Hub's names, issued by
 * the world's authority; `tokens.crt`/`tokens.key`, which sign tokens.
 * @param state the folder in which build-all.sh keeps the authority that the engines' images trust
 */
export async function makeHubCertificates(state: string, folder: string): Promise<void> {
  const hubNames = ['registry-1.docker.io', 'index.docker.io', 'auth.docker.io'];
  const extensions = join(folder, 'extensions');
  await writeFile(extensions, `subjectAltName=${hubNames.map((name) => `DNS:${name}`).join(',')}\n`);
  await openssl('req', '-new', ...newKey(folder, 'hub'), '-out', join(folder, 'hub.csr'));
  await openssl(
    ...['x509', '-req', '-days', '30', '-in', join(folder, 'hub.csr'), '-extfile', extensions],
    ...['-CA', join(state, 'authority.crt'), '-CAkey', join(state, 'authority.key'), '-CAcreateserial'],
    ...['-CAserial', join(folder, 'serial'), '-out', join(folder, 'hub.crt')],
  );
  await openssl(
    'req',
    '-x509',
    '-days',
    '30',
    ...newKey(folder, 'tokens'),
    '-out',
    join(folder, 'tokens.crt'),
  );
}

function newKey(folder: string, name: string): string[] {
  return ['-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', join(folder, `${name}.key`)];
}

function openssl(...args: string[]): Promise<string> {
  return output('openssl', args);
}
