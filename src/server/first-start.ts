import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRunner, createToken, runnerByToken, type Store, tokenByHash } from '../store/index.ts';
import { newToken } from './broker/new-token.ts';
import { hashToken } from './runner-api/token-hash.ts';
import type { ServerParts } from './server-parts.ts';

/** The files in the data folder in which a server leaves tokens for who may read the folder. */
export const ADMIN_TOKEN_FILE = 'admin.token';
export const RUNNER_TOKEN_FILE = 'runner.token';

/** Leaves the address for commands on this machine; of several servers of one folder, the first one's stays. */
export async function noteAddress(dataFolder: string, address: string): Promise<void> {
  const path = join(dataFolder, 'server.address');
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known !== address && (await answers(known))) return;
  await writeFile(`${path}.new`, `${address}\n`);
  await rename(`${path}.new`, path);
}

async function answers(address: string): Promise<boolean> {
  if (!URL.canParse(address)) return false;
  const signal = AbortSignal.timeout(MOST_MS);
  const answer = await fetch(`${address}/-/health`, { signal }).catch(() => null);
  return answer?.ok === true;
}

/** A server on this machine answers at once, or is not there. */
const MOST_MS = 500;

/**
 * The administrator's token: the one that stands in the data folder, or a new one that is put there, readable for the
 * server's own user alone. `made`: it was not there before.
 */
export async function administratorToken(
  { store, clock }: Pick<ServerParts, 'store' | 'clock'>,
  dataFolder: string,
): Promise<{ readonly token: string; readonly made: boolean }> {
  const path = join(dataFolder, ADMIN_TOKEN_FILE);
  const known = await readToken(path);
  const isGood = (token: string) => store.read((db) => tokenByHash(db, hashToken(token), clock.now()));
  if (known !== null && (await isGood(known)) !== null) return { token: known, made: false };
  const token = newToken('glpat');
  await store.write(({ db }) =>
    createToken(db, {
      ...{ kind: 'personal', name: 'administrator', projectId: null, scopes: ['api'], expiresAt: null },
      ...{ tokenHash: hashToken(token), now: clock.now() },
    }),
  );
  await writeToken(path, token);
  return { token, made: true };
}

/** The token of the runner that the server's own machine has; made at the first start. */
export async function ownRunnerToken(
  { store, clock }: { readonly store: Store; readonly clock: ServerParts['clock'] },
  dataFolder: string,
): Promise<string> {
  const path = join(dataFolder, RUNNER_TOKEN_FILE);
  const known = await readToken(path);
  if (known !== null && (await store.read((db) => runnerByToken(db, hashToken(known)))) !== null)
    return known;
  const token = newToken('glrt');
  await store.write(({ db }) =>
    createRunner(db, {
      ...{
        kind: 'instance_type',
        description: 'of this server',
        tags: [],
        runUntagged: true,
        protected: false,
      },
      ...{ locked: false, paused: false, maximumTimeoutSeconds: null, projects: [] },
      ...{ tokenHash: hashToken(token), now: clock.now() },
    }),
  );
  await writeToken(path, token);
  return token;
}

async function readToken(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

/** Whole or not at all, and never readable for others. */
async function writeToken(path: string, token: string): Promise<void> {
  await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
