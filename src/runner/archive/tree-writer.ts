import { constants } from 'node:fs';
import { type FileHandle, lstat, lutimes, mkdir, open, rmdir, symlink, unlink } from 'node:fs/promises';
import { type DirectoryCursor, openDirectoryCursor } from './directory-cursor.ts';
import { unsafeEntry } from './entry-path.ts';
import { type OpenDirectory, openChild } from './open-directory.ts';
import { isSystemError } from './system-error.ts';

export interface EntryAttributes {
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/**
 * Writes a tree below a folder, entry by entry, in any order. Follows no link, neither one that was there nor one it
 * made itself; replaces what is in the way. Paths are components, already checked.
 */
export interface TreeWriter extends AsyncDisposable {
  /** Returns when the next entry may come; small files may still be on their way to the disk. */
  writeFile(
    path: readonly string[],
    attributes: EntryAttributes,
    size: number,
    content: AsyncIterable<Buffer>,
  ): Promise<void>;
  makeDirectory(path: readonly string[], attributes: EntryAttributes): Promise<void>;
  makeSymlink(path: readonly string[], attributes: EntryAttributes, target: string): Promise<void>;
  /** Waits for all writes, and sets what could not be set while the directories were being filled. */
  finish(): Promise<void>;
}

/** Creating a file waits more for the disk than it works: several of one directory at once. */
const AT_ONCE = 16;
const SMALL_FILE = 64 * 1024;

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** @throws the system's error when the folder cannot be opened. */
export async function createTreeWriter(folder: string): Promise<TreeWriter> {
  /** Paths of the links made so far: an archive that then goes through one of them is hostile. */
  const links = new Set<string>();
  const directories = new Map<string, EntryAttributes>();
  let isFinishing = false;
  const cursor = await openDirectoryCursor(folder, (parent, name, path) =>
    isFinishing ? openChild(parent, name) : enterOrMake(parent, name, path, links),
  );
  const writes = createWriteQueue(AT_ONCE);
  let current = '';

  /** The parent directory of an entry, open until the next call. */
  async function parentOf(path: readonly string[]): Promise<OpenDirectory> {
    const parent = path.slice(0, -1).join('/');
    // Files still being created in the directory that is about to be left need it open.
    if (parent !== current) await writes.drain();
    current = parent;
    return cursor.moveTo(parent);
  }

  return {
    async writeFile(path, attributes, size, content) {
      const directory = await parentOf(path);
      const name = path.at(-1) ?? '';
      links.delete(path.join('/'));
      if (size > SMALL_FILE) {
        await writes.drain();
        await writeLargeFile(directory, name, attributes, content);
      } else {
        const bytes = await readSmall(content);
        await writes.add(name, () => writeSmallFile(directory, name, attributes, bytes));
      }
    },

    async makeDirectory(path, attributes) {
      const parent = await parentOf(path);
      await writes.drain();
      const full = path.join('/');
      const made = await enterOrMake(parent, path.at(-1) ?? '', full, links);
      await made[Symbol.asyncDispose]();
      directories.set(full, attributes);
    },

    async makeSymlink(path, attributes, target) {
      const parent = await parentOf(path);
      await writes.drain();
      const name = path.at(-1) ?? '';
      await replacing(parent, name, () => symlink(target, parent.at(name)));
      await lutimes(parent.at(name), attributes.modified, attributes.modified);
      links.add(path.join('/'));
    },

    async finish() {
      await writes.drain();
      isFinishing = true;
      await finishDirectories(cursor, directories);
    },

    async [Symbol.asyncDispose]() {
      await writes.settle();
      await cursor[Symbol.asyncDispose]();
    },
  };
}

async function enterOrMake(
  parent: OpenDirectory,
  name: string,
  path: string,
  links: ReadonlySet<string>,
): Promise<OpenDirectory> {
  if (links.has(path))
    throw unsafeEntry(path, 'the archive made it a symbolic link before, and now goes through it');
  try {
    return await openChild(parent, name);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    if (error.code !== 'ENOENT') await remove(parent, name);
  }
  await mkdir(parent.at(name));
  return openChild(parent, name);
}

async function readSmall(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function writeSmallFile(
  directory: OpenDirectory,
  name: string,
  attributes: EntryAttributes,
  bytes: Buffer,
): Promise<void> {
  const handle = await replacing(directory, name, () => open(directory.at(name), CREATE, 0o600));
  try {
    await writeFully(handle, bytes);
    await setAttributes(handle, attributes);
  } finally {
    await handle.close();
  }
}

async function writeLargeFile(
  directory: OpenDirectory,
  name: string,
  attributes: EntryAttributes,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const handle = await replacing(directory, name, () => open(directory.at(name), CREATE, 0o600));
  try {
    for await (const chunk of content) await writeFully(handle, chunk);
    await setAttributes(handle, attributes);
  } finally {
    await handle.close();
  }
}

async function writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
  }
}

async function setAttributes(handle: FileHandle, { mode, modified }: EntryAttributes): Promise<void> {
  await handle.chmod(mode);
  await handle.utimes(modified, modified);
}

/** Makes something under a name; when the name is taken, removes what has it and tries once more. */
async function replacing<T>(directory: OpenDirectory, name: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    await remove(directory, name);
    return make();
  }
}

/** Removes an entry, a directory with everything below it; links are removed, never followed. */
async function remove(parent: OpenDirectory, name: string): Promise<void> {
  const stat = await lstat(parent.at(name));
  if (!stat.isDirectory()) return unlink(parent.at(name));
  const directory = await openChild(parent, name);
  try {
    for (const entry of await directory.list()) await remove(directory, entry.name);
  } finally {
    await directory[Symbol.asyncDispose]();
  }
  await rmdir(parent.at(name));
}

/** Last, and the deepest first: filling a directory changes its time, and a read-only one cannot be filled. */
async function finishDirectories(
  cursor: DirectoryCursor,
  directories: ReadonlyMap<string, EntryAttributes>,
): Promise<void> {
  for (const [path, attributes] of [...directories].sort(([left], [right]) => (left < right ? 1 : -1))) {
    try {
      const directory = await cursor.moveTo(path);
      await setAttributes(directory.handle, attributes);
    } catch (error) {
      // A later entry put something else in its place.
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    }
  }
}

/** Runs a bounded number of writes at once; remembers the first that fails, and says so at the next call. */
interface WriteQueue {
  /** Never runs two writes of one name at once. */
  add(name: string, write: () => Promise<void>): Promise<void>;
  drain(): Promise<void>;
  /** Waits without complaining. */
  settle(): Promise<void>;
}

function createWriteQueue(atOnce: number): WriteQueue {
  const running = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown } | null = null;

  function throwIfFailed(): void {
    if (failure !== null) throw failure.error;
  }

  async function settle(): Promise<void> {
    await Promise.all(running.values());
  }

  return {
    async add(name, write) {
      if (running.has(name)) await settle();
      while (running.size >= atOnce) await Promise.race(running.values());
      throwIfFailed();
      const done = write()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(name));
      running.set(name, done);
    },
    async drain() {
      await settle();
      throwIfFailed();
    },
    settle,
  };
}
