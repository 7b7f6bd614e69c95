import { constants, type Dirent } from 'node:fs';
import { access, type FileHandle, open, readdir } from 'node:fs/promises';

/**
 * A directory held open, so that what is done in it cannot be redirected by a symbolic link that somebody puts on its
 * path meanwhile: the job's processes may still be running, and the tree is theirs to shape.
 */
export interface OpenDirectory extends AsyncDisposable {
  /** The path of an entry, for calls that do not follow a link in their last component. */
  at(name: string): string;
  list(): Promise<Dirent[]>;
  /** Mode and modification time (in seconds since 1970) of the directory itself. */
  readonly handle: FileHandle;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens the folder a job worked in. A sandboxed job's folder is reached through a link of /proc; there no component
 * below that may be a link, because an absolute link made in the job's world would be resolved in ours.
 *
 * @throws the system's error: ENOENT, ENOTDIR or ELOOP (a link), EACCES.
 */
export async function openDirectory(path: string): Promise<OpenDirectory> {
  const viaProcess = /^\/proc\/[^/]+\/(root|fd\/\d+)(?=\/|$)/.exec(path)?.[0];
  if (viaProcess === undefined) return opened(path, await open(path, DIRECTORY));
  // The magic link itself has to be followed: it is the way in, and it is the kernel's.
  let current = await opened(viaProcess, await open(viaProcess, constants.O_RDONLY | constants.O_DIRECTORY));
  for (const name of path.slice(viaProcess.length).split('/')) {
    if (name === '' || name === '.') continue;
    const parent = current;
    try {
      current = await openChild(parent, name);
    } finally {
      await parent[Symbol.asyncDispose]();
    }
  }
  return current;
}

/** Opens a directory's child directory; a link is refused with ENOTDIR or ELOOP. */
export async function openChild(parent: OpenDirectory, name: string): Promise<OpenDirectory> {
  const path = parent.at(name);
  return opened(path, await open(path, DIRECTORY));
}

async function opened(path: string, handle: FileHandle): Promise<OpenDirectory> {
  // Linux resolves /proc/self/fd/N to the open directory itself: Node has no openat, and this is one. Elsewhere the
  // path is all there is, and what protects is that no call follows a link in the last component.
  const base = (await hasDescriptorPaths()) ? `/proc/self/fd/${handle.fd}` : path;
  return {
    handle,
    at: (name) => `${base}/${name}`,
    list: () => readdir(base, { withFileTypes: true }),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

let descriptorPaths: Promise<boolean> | undefined;

function hasDescriptorPaths(): Promise<boolean> {
  descriptorPaths ??= access('/proc/self/fd').then(
    () => true,
    () => false,
  );
  return descriptorPaths;
}
