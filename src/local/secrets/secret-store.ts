import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { SecretSource } from './secret-source.ts';

/** The secrets of one project on this machine, in a folder that only its owner can read. */
export interface SecretStore extends SecretSource {
  set(name: string, value: string): Promise<void>;
  /** In alphabetical order. */
  names(): Promise<readonly string[]>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

/**
 * Each secret is a file, which is always whole: a fresh one takes its place. So commands that run at the same time lose
 * nothing of each other. The folder is there from the first secret on.
 *
 * `find` and `names` throw AppError `secrets-unreadable` when a file is there and cannot be understood.
 */
export function createSecretStore(folder: string): SecretStore {
  return {
    name: "the project's secrets",
    stores: [],
    find: async ({ name }) => (await readSecret(join(folder, fileName(name))))?.value ?? null,
    async names() {
      const files = (await filesIn(folder)).filter((file) => FILE_NAME.test(file));
      const secrets = await Promise.all(files.map((file) => readSecret(join(folder, file))));
      return secrets.flatMap((secret) => secret?.name ?? []).sort();
    },
    set: (name, value) => writeSecret(folder, { name: withoutVersion(name), value }),
    async remove(name) {
      try {
        await unlink(join(folder, fileName(withoutVersion(name))));
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    },
  };
}

interface Secret {
  readonly name: string;
  readonly value: string;
}

/**
 * A pipeline file of Cloud Build names a version of a secret, `projects/P/secrets/S/versions/latest`, and there is one value
 * here: it is asked for by the secret's own name.
 */
function withoutVersion(name: string): string {
  return name.replace(/^(projects\/[^/]+\/secrets\/[^/]+)\/versions\/[^/]+$/, '$1');
}

/** Names are long, and hold what no file's name can. */
function fileName(name: string): string {
  return `${createHash('sha256').update(name).digest('hex').slice(0, 40)}.json`;
}

const FILE_NAME = /^[0-9a-f]{40}\.json$/;

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw unreadable(folder, cause);
  }
}

async function readSecret(file: string): Promise<Secret | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw unreadable(file, cause);
  }
  return parseSecret(text) ?? Promise.reject(unreadable(file, null));
}

/** null: it is no secret. What a JSON parser says of it could quote the value, so nobody is told. */
function parseSecret(text: string): Secret | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || !('name' in read && 'value' in read)) return null;
  const { name, value } = read;
  return typeof name === 'string' && typeof value === 'string' ? { name, value } : null;
}

async function writeSecret(folder: string, secret: Secret): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, fileName(secret.name));
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(secret, null, 2)}\n`);
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

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : 'it is no JSON object with a name and a value';
  return new AppError('secrets-unreadable', `The project's secrets in ${path} cannot be read: ${reason}`, {
    cause,
    hint: 'Mend the file, or remove it and set the secret again.',
  });
}
