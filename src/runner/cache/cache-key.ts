import { createHash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import type { JobCacheKey } from '../../protocol/index.ts';
import { type DirectoryCursor, openDirectoryCursor } from '../archive/directory-cursor.ts';
import { openChild } from '../archive/open-directory.ts';
import { openRegularFile } from '../archive/read-whole-file.ts';
import { toRelativePattern } from '../archive/relative-pattern.ts';
import { isSystemError } from '../archive/system-error.ts';

/**
 * The text of a cache's key. For key files it is SHA-1 over the sorted, unique git blob ids of their contents, joined
 * with `-`, or `default` when none of them exists; before it the prefix, without one the cache's index and the files'
 * names up to their first dot (GitLab, `Gitlab::Ci::Build::Cache`).
 *
 * @param index which of the job's caches it is, from 0.
 * @throws the system's error when a key file is there but cannot be read.
 */
export async function resolveCacheKey(key: JobCacheKey, index: number, workspace: string): Promise<string> {
  if (key.kind === 'text') return key.text === '' ? 'default' : key.text;
  const prefix = key.prefix ?? `${index}_${key.files.map(upToFirstDot).join('_')}`;
  const digest = await digestFiles(key.files, workspace);
  return prefix === '' ? digest : `${prefix}-${digest}`;
}

function upToFirstDot(file: string): string {
  return file.split('.')[0] ?? '';
}

async function digestFiles(files: readonly string[], workspace: string): Promise<string> {
  const ids = new Set<string>();
  const cursor = await openDirectoryCursor(workspace, openChild);
  try {
    for (const file of files) {
      const path = toRelativePattern(file, [workspace]);
      const id = path === null || path === '' ? null : await blobId(cursor, path);
      if (id !== null) ids.add(id);
    }
  } finally {
    await cursor[Symbol.asyncDispose]();
  }
  return ids.size === 0
    ? 'default'
    : createHash('sha1')
        .update([...ids].sort().join('-'))
        .digest('hex');
}

/** What `git hash-object` would say; null when there is no such file. */
async function blobId(cursor: DirectoryCursor, path: string): Promise<string | null> {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  try {
    const directory = await cursor.moveTo(path.slice(0, Math.max(slash, 0)));
    const stat = await lstat(directory.at(name));
    // Git's content of a link is its target.
    if (stat.isSymbolicLink()) return hashBlob(Buffer.from(await readlink(directory.at(name))));
    const handle = await openRegularFile(directory, name);
    if (handle === null) return null;
    try {
      const { size } = await handle.stat();
      const hash = createHash('sha1').update(`blob ${size}\0`);
      for await (const chunk of handle.createReadStream({ autoClose: false, start: 0 })) hash.update(chunk);
      return hash.digest('hex');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}

function hashBlob(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}
