import { runGit } from '../base/git.ts';
import { decodeSource, MAX_SOURCE_BYTES, type SourceFile, type Unavailable } from '../config/index.ts';

/** The files of a commit: blob ids by path. Links are files that hold where they point, as for GitLab. */
export type FileList = ReadonlyMap<string, string>;

/** What `git ls-tree` says of a commit that the repository has; null when it has not. */
export async function listCommit(folder: string, commit: string): Promise<string | null> {
  const listed = await runGit(folder, ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit]);
  return listed.ok ? listed.stdout : null;
}

export function parseFileList(listed: string): FileList {
  const files = new Map<string, string>();
  for (const line of listed.split('\0')) {
    const [, , blob, path] = /^(\d+) blob ([0-9a-f]{40,64})\t(.+)$/s.exec(line) ?? [];
    if (blob !== undefined && path !== undefined) files.set(path, blob);
  }
  return files;
}

export type ReadBlob =
  | Buffer
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number };

/** A blob that the repository has; null when it has not. */
export async function readBlob(folder: string, blob: string): Promise<ReadBlob | null> {
  const sized = await runGit(folder, ['cat-file', '-s', '--end-of-options', blob]);
  if (!sized.ok) return null;
  const bytes = Number(sized.stdout);
  if (bytes > MAX_SOURCE_BYTES) return { kind: 'too-large', bytes, limit: MAX_SOURCE_BYTES };
  const read = await runGit(folder, ['cat-file', 'blob', '--end-of-options', blob], 'latin1');
  return read.ok ? Buffer.from(read.stdout, 'latin1') : null;
}

export function sourceOf(read: ReadBlob | Unavailable): SourceFile | Unavailable {
  return 'kind' in read ? read : decodeSource(read);
}
