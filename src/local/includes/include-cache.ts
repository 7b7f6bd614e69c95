import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf } from '../../includes/index.ts';

/**
 * Fetched files on this machine, for all projects of the person. A file is kept under the hash of its content together
 * with where it came from: what was fetched from one place never stands for what another one has, whatever a lock file
 * says. What is read is hashed again; a file that is not what its name says is removed and answered as damaged.
 */
export interface IncludeCache {
  get(origin: string, digest: string): Promise<CachedFile>;
  /** Whether there is a file, damaged or not. */
  has(origin: string, digest: string): Promise<boolean>;
  /** Answers with the digest. What cannot be written is not kept, and `warn` is told once. */
  put(origin: string, bytes: Uint8Array): Promise<string>;
}

export type CachedFile =
  | { readonly kind: 'kept'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' };

export function createIncludeCache(folder: string, warn: (message: string) => void): IncludeCache {
  let told = false;
  return {
    async get(origin, digest) {
      const path = join(folder, fileName(origin, digest));
      const found = await stat(path).catch(() => null);
      if (found === null) return { kind: 'absent' };
      // A pipe would never end, and what no run has written may be of any size.
      const isReadable = found.isFile() && found.size <= MAX_BYTES;
      const bytes = isReadable ? await readFile(path).catch(() => null) : null;
      if (bytes !== null && digestOf(bytes) === digest) return { kind: 'kept', bytes };
      warn(`The kept copy of ${origin} was damaged, and is fetched again.`);
      await rm(path, { force: true, recursive: true }).catch(() => undefined);
      return { kind: 'damaged' };
    },
    async has(origin, digest) {
      const found = await stat(join(folder, fileName(origin, digest))).catch(() => null);
      return found?.isFile() === true;
    },
    async put(origin, bytes) {
      const digest = digestOf(bytes);
      try {
        await writeWhole(join(folder, fileName(origin, digest)), bytes);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!told) warn(`Fetched files cannot be kept, so the next run fetches them again: ${reason}.`);
        told = true;
      }
      return digest;
    },
  };
}

/** The longest list of files that git may answer with. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Two letters make a folder: some file systems are slow with thousands of files in one. */
function fileName(origin: string, digest: string): string {
  const name = createHash('sha256').update(`${origin}\0${digest}`).digest('hex');
  return join(name.slice(0, 2), name.slice(2));
}

/** Other processes see the whole file or none. It is only for its owner: it may be of a private project. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(part, bytes, { mode: 0o600, flag: 'wx' });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
