import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkedKey } from './blob-key.ts';
import type { Blobs } from './blobs.ts';
import { readPart, sizeOf, syncFolder } from './files.ts';
import { openFolderTraces } from './folder-traces.ts';
import { measured } from './measured.ts';

/**
 * Blobs as files of a folder, for one server. What is being written stands in `coming/`, and what a process that died
 * has left there is removed when the folder is opened, unless it is `inUse` by another.
 */
export async function openFolderBlobs(folder: string, inUse = false): Promise<Blobs> {
  const [blobs, coming] = [join(folder, 'blobs'), join(folder, 'coming')];
  if (!inUse) await rm(coming, { recursive: true, force: true });
  for (const path of [blobs, coming]) await mkdir(path, { recursive: true, mode: 0o700 });
  const pathOf = (key: string) => join(blobs, checkedKey(key));

  return {
    async put(key, source, limits = {}) {
      const path = pathOf(key);
      const temporary = join(coming, randomUUID());
      const { content, result } = measured(source, limits);
      try {
        const file = await open(temporary, 'wx', 0o600);
        try {
          for await (const bytes of content) await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(temporary, path);
        await syncFolder(dirname(path));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      return result();
    },

    async get(key, range = {}) {
      const path = pathOf(key);
      const size = await sizeOf(path);
      return size === null ? null : { size, content: readPart(path, size, range) };
    },

    delete: (key) => rm(pathOf(key), { force: true }),

    async *list(prefix) {
      for await (const key of keysBelow(blobs, '', prefix)) {
        const size = await sizeOf(join(blobs, key));
        if (size !== null) yield { key, size };
      }
    },

    traces: openFolderTraces(join(folder, 'traces')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** In their order, with no more than the names of one folder a level in memory. */
async function* keysBelow(root: string, above: string, prefix: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, above), { withFileTypes: true }).catch(gone);
  // A folder stands where its keys do: behind `a-b`, since `-` comes before the `/` of `a/b`.
  const names = entries.flatMap((entry) => {
    if (entry.isDirectory()) return `${entry.name}/`;
    return entry.isFile() ? entry.name : [];
  });
  for (const name of names.sort(byBytes)) {
    const key = above + name;
    if (!name.endsWith('/')) {
      if (key.startsWith(prefix)) yield key;
    } else if (key.startsWith(prefix) || prefix.startsWith(key)) {
      yield* keysBelow(root, key, prefix);
    }
  }
}

/** Somebody has removed it meanwhile. */
function gone(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : 1;
}
