import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import { syncFolders } from '../repositories.ts';
import { newHostKey } from './new-host-key.ts';

/**
 * The server's own key (ed25519, in OpenSSH's format), made when there is none. Two servers that start at once on one
 * folder agree on one.
 * @throws AppError `host-key-unusable` when it can be neither read nor made, or others may read it.
 */
export async function hostKey(folder: string): Promise<string> {
  const path = join(folder, 'ssh_host_ed25519_key');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return (await readKey(path)) ?? (await makeKey(folder, path));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('host-key-unusable', `The host key ${path} can be neither read nor made.`, {
      hint: 'Look at the permissions of its folder. A new key makes every client ask whether it is still this server.',
      cause,
    });
  }
}

async function makeKey(folder: string, path: string): Promise<string> {
  const temporary = join(folder, `.${randomUUID()}`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(newHostKey('slipway'));
    await file.sync();
  } finally {
    await file.close();
  }
  // Unlike a rename, a link leaves alone what another server has put there meanwhile.
  await link(temporary, path).catch(ifNot('EEXIST'));
  await rm(temporary);
  await syncFolders([folder]);
  const kept = await readKey(path);
  if (kept === null) throw new Error('The key that was made is gone.');
  return kept;
}

/** null: there is none. */
async function readKey(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    ifNot('ENOENT')(error);
    return null;
  });
  if (file === null) return null;
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) === 0) return await file.readFile('utf8');
  } finally {
    await file.close();
  }
  throw new AppError('host-key-unusable', `Others than its owner may read or write the host key ${path}.`, {
    hint: `If nobody has: chmod 600 ${path}. Otherwise remove it, and a new one is made.`,
  });
}

function ifNot(code: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error;
  };
}
