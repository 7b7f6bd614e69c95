import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { checkedKey } from './blob-key.ts';
import type { Blobs } from './blobs.ts';
import { readPart, sizeOf, syncFolder } from './files.ts';
import { openFolderTraces } from './folder-traces.ts';
import { measured } from './measured.ts';

/**
 * Blobs as files of a folder, for one server. What is being written stands in `coming/`, and what a process that died
 * has left there is removed when the folder is opened.
 */
export async function openFolderBlobs(folder: string): Promise<Blobs> {
  const [blobs, coming] = [join(folder, 'blobs'), join(folder, 'coming')];
  await rm(coming, { recursive: true, force: true });
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
      const found = (await filesBelow(blobs))
        .map((path) => relative(blobs, path))
        .filter((key) => key.startsWith(prefix));
      for (const key of found.sort(byBytes)) {
        const size = await sizeOf(join(blobs, key));
        if (size !== null) yield { key, size };
      }
    },

    traces: openFolderTraces(join(folder, 'traces')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (entry.isFile()) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : 1;
}
