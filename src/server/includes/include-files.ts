import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type KeptFiles } from '../../includes/index.ts';

/**
 * Files of commits of other servers, kept in a folder up to a size; those that nobody has asked for the longest go first.
 * What is read is hashed again. What refs stand for is not kept: each pipeline asks anew. A file that cannot be written is
 * not kept, and `failed` is told.
 */
export function openIncludeFiles({
  folder,
  maxBytes,
  failed,
}: {
  readonly folder: string;
  readonly maxBytes: number;
  readonly failed: (error: unknown) => void;
}): KeptFiles {
  /** The size of each, the one that was not asked for the longest first; read from the folder when it is first wanted. */
  let known: Promise<Map<string, number>> | null = null;

  function sizes(): Promise<Map<string, number>> {
    known ??= listKept(folder);
    return known;
  }

  async function get(origin: string): Promise<Buffer | null> {
    const name = nameOf(origin);
    const all = await sizes();
    const size = all.get(name);
    if (size === undefined) return null;
    const whole = size > MAX_FILE_BYTES ? null : await readFile(join(folder, name)).catch(() => null);
    const bytes = whole?.subarray(DIGEST_BYTES) ?? null;
    all.delete(name);
    if (bytes === null || whole?.toString('latin1', 0, DIGEST_BYTES) !== `${digestOf(bytes)}\n`) {
      await rm(join(folder, name), { force: true });
      return null;
    }
    all.set(name, size);
    // For the next process: the order is in the times of the files.
    const now = new Date();
    await utimes(join(folder, name), now, now).catch(failed);
    return bytes;
  }

  async function put(origin: string, bytes: Uint8Array): Promise<void> {
    const name = nameOf(origin);
    const part = join(folder, `${PART}${randomUUID()}`);
    try {
      const all = await sizes();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(part, Buffer.concat([Buffer.from(`${digestOf(bytes)}\n`), bytes]), { mode: 0o600 });
      await rename(part, join(folder, name));
      all.delete(name);
      all.set(name, bytes.length + DIGEST_BYTES);
      await makeRoom(all);
    } catch (error) {
      failed(error);
      await rm(part, { force: true });
    }
  }

  async function makeRoom(all: Map<string, number>): Promise<void> {
    let total = 0;
    for (const size of all.values()) total += size;
    for (const [name, size] of all) {
      if (total <= maxBytes) return;
      all.delete(name);
      total -= size;
      await rm(join(folder, name), { force: true });
    }
  }

  return {
    ref: () => null,
    setRef: () => Promise.resolve(),
    file: (project, commit, path) => get(`file ${project}@${commit}:${path}`),
    putFile: (project, commit, path, bytes) => put(`file ${project}@${commit}:${path}`, bytes),
    list: (project, commit) => get(`list ${project}@${commit}`),
    putList: (project, commit, bytes) => put(`list ${project}@${commit}`, bytes),
  };
}

/** `sha256-`, 44 letters, and the end of the line. */
const DIGEST_BYTES = 52;

/** The longest list of files that git may answer with. */
const MAX_FILE_BYTES = 64 * 1024 * 1024 + DIGEST_BYTES;

const PART = 'part-';

function nameOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

/** What a killed server was writing is removed. */
async function listKept(folder: string): Promise<Map<string, number>> {
  const names = await readdir(folder).catch(() => []);
  const found: { readonly name: string; readonly size: number; readonly at: number }[] = [];
  for (const name of names) {
    if (name.startsWith(PART)) await rm(join(folder, name), { force: true });
    const file = await stat(join(folder, name)).catch(() => null);
    if (file?.isFile() === true) found.push({ name, size: file.size, at: file.mtimeMs });
  }
  found.sort((one, other) => one.at - other.at);
  return new Map(found.map(({ name, size }) => [name, size]));
}
