import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { SecretSource } from './secret-source.ts';

/** The secrets of one project on this machine, in a file that only its owner can read. */
export interface SecretStore extends SecretSource {
  set(name: string, value: string): Promise<void>;
  /** In alphabetical order. */
  names(): Promise<readonly string[]>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

/**
 * The file is there from the first secret on, and always whole: a fresh one takes its place. Every method throws
 * AppError `secrets-unreadable` when the file is there and cannot be understood, so that nothing replaces it.
 */
export function createSecretStore(file: string): SecretStore {
  return {
    find: async ({ name }) => (await readSecrets(file)).get(name) ?? null,
    names: async () => [...(await readSecrets(file)).keys()].sort(),
    async set(name, value) {
      const secrets = await readSecrets(file);
      await writeSecrets(file, new Map([...secrets, [name, value]]));
    },
    async remove(name) {
      const secrets = new Map(await readSecrets(file));
      if (!secrets.delete(name)) return false;
      await writeSecrets(file, secrets);
      return true;
    },
  };
}

async function readSecrets(file: string): Promise<ReadonlyMap<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return new Map();
    throw unreadable(file, cause);
  }
  return parseSecrets(text) ?? Promise.reject(unreadable(file, null));
}

/** null when the text is not an object of texts. What a JSON parser says of it could quote a secret, so nobody is told. */
function parseSecrets(text: string): ReadonlyMap<string, string> | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return null;
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(read)) {
    if (typeof value !== 'string') return null;
    secrets.set(name, value);
  }
  return secrets;
}

async function writeSecrets(file: string, secrets: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

function unreadable(file: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ': it is no JSON object of texts';
  return new AppError('secrets-unreadable', `The project's secrets in ${file} cannot be read${reason}`, {
    cause,
    hint: 'Mend the file, or remove it and set the secrets again.',
  });
}
