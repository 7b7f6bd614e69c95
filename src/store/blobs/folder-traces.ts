import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { together } from '../../base/together.ts';
import { checkedKey } from './blob-key.ts';
import type { Traces } from './blobs.ts';
import { readPart, sizeOf, syncFolder } from './files.ts';

/** Traces as files that grow. Those who write one trace at the same time do it one after the other. */
export function openFolderTraces(folder: string): Traces {
  const writing = new Map<string, Promise<unknown>>();
  const pathOf = (key: string) => join(folder, checkedKey(key));

  // Many logs of one folder end at the same time. Those that come while it goes to the disk may be too late for that.
  const syncTogether = together(async (paths: readonly string[], parent: string) => {
    await syncFolder(parent);
    return paths;
  }, MOST_AT_ONCE);

  async function syncFolderOf(path: string): Promise<void> {
    await syncTogether(path, dirname(path));
  }

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
    settle: (key) => settle(pathOf(key), syncFolderOf),
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

const MOST_AT_ONCE = 1000;

async function append(path: string, offset: number, bytes: Uint8Array): Promise<number> {
  const file = await openToAppend(path);
  try {
    const { size } = await file.stat();
    if (size !== offset || bytes.length === 0) return size;
    await file.appendFile(bytes).catch((error: unknown) => cutBack(file, offset, error));
    return offset + bytes.length;
  } finally {
    await file.close();
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return open(path, 'a', 0o600);
  }
}

/** The file, and that it is in its folder. */
async function settle(path: string, syncFolderOf: (path: string) => Promise<void>): Promise<void> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return;
  try {
    await Promise.all([file.datasync(), syncFolderOf(path)]);
  } finally {
    await file.close();
  }
}

/** A disk that was full has perhaps taken a part: whoever writes is told nothing of it, so it must not stay. */
async function cutBack(file: FileHandle, offset: number, cause: unknown): Promise<never> {
  try {
    await file.truncate(offset);
  } catch (error) {
    throw new AggregateError([cause, error], 'A log was written in part, and that cannot be undone');
  }
  throw cause;
}
