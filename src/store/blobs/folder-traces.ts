import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkedKey } from './blob-key.ts';
import type { Traces } from './blobs.ts';
import { readPart, sizeOf, syncFolder } from './files.ts';

/** Traces as files that grow. Those who write one trace at the same time do it one after the other. */
export function openFolderTraces(folder: string): Traces {
  const writing = new Map<string, Promise<unknown>>();
  const pathOf = (key: string) => join(folder, checkedKey(key));

  async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
    const turn = (writing.get(path) ?? Promise.resolve()).then(work, work);
    writing.set(path, turn);
    try {
      return await turn;
    } finally {
      if (writing.get(path) === turn) writing.delete(path);
    }
  }

  return {
    append: (key, offset, bytes) => {
      const path = pathOf(key);
      return inTurn(path, () => append(path, offset, bytes));
    },
    size: async (key) => (await sizeOf(pathOf(key))) ?? 0,
    async *read(key, range = {}) {
      const path = pathOf(key);
      const size = await sizeOf(path);
      if (size !== null) yield* readPart(path, size, range);
    },
    delete: (key) => {
      const path = pathOf(key);
      return inTurn(path, () => rm(path, { force: true }));
    },
  };
}

async function append(path: string, offset: number, bytes: Uint8Array): Promise<number> {
  const size = await sizeOf(path);
  if ((size ?? 0) !== offset || bytes.length === 0) return size ?? 0;
  if (size === null) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(bytes);
    await file.datasync();
  } catch (error) {
    await cutBack(file, offset, error);
    throw error;
  } finally {
    await file.close();
  }
  if (size === null) await syncFolder(dirname(path));
  return offset + bytes.length;
}

/** A disk that was full has perhaps taken a part: whoever writes is told nothing of it, so it must not stay. */
async function cutBack(file: FileHandle, offset: number, cause: unknown): Promise<void> {
  try {
    await file.truncate(offset);
  } catch (error) {
    throw new AggregateError([cause, error], 'A log was written in part, and that cannot be undone');
  }
}
