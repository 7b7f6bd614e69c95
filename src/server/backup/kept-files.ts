import { createReadStream } from 'node:fs';
import { mkdir, open, opendir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Where host keys are, in the data folder. */
export const KEY_FOLDER = 'keys';

/**
 * The small files of a data folder that make a server the one its runners, people and their ssh know: tokens and host
 * keys. Not the database, repositories and blobs, which have a way of their own, nor what a runner works with.
 */
export async function* keptFiles(
  dataFolder: string,
): AsyncGenerator<{ readonly name: string; read(): AsyncIterable<Buffer> }> {
  for (const folder of [dataFolder, join(dataFolder, KEY_FOLDER)]) {
    const entries = await opendir(folder).catch(missing);
    if (entries === null) continue;
    for await (const entry of entries) {
      const path = join(folder, entry.name);
      const name = relative(dataFolder, path);
      // A symbolic link is no file here.
      if (entry.isFile() && isKeptName(name)) yield { name, read: () => createReadStream(path) };
    }
  }
}

/** Nothing that could lead out of the data folder, or stand in the way of what else is in it. */
export function isKeptName(name: string): boolean {
  return NAME.test(name) && !name.startsWith('slipway.db') && name !== ADDRESS_FILE;
}

/** Where the server listens that has the folder now. */
const ADDRESS_FILE = 'server.address';
const NAME = new RegExp(`^(${KEY_FOLDER}/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$`);

/** Readable for the server's own user alone. There must be none yet. */
export async function writeKeptFile(
  dataFolder: string,
  name: string,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const path = join(dataFolder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

function missing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
