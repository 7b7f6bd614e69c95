import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface TreeEntry {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  /** Whole seconds since 1970. */
  readonly modified: number;
  /** A file's bytes as latin1, a link's target. */
  readonly content: string;
}

/** Everything below a folder, by relative path; links are not followed. */
export async function readTree(folder: string, below = ''): Promise<Record<string, TreeEntry>> {
  const tree: Record<string, TreeEntry> = {};
  for (const entry of (await readdir(join(folder, below))).sort()) {
    const name = below === '' ? entry : `${below}/${entry}`;
    const path = join(folder, name);
    const stat = await lstat(path);
    const common = { mode: stat.mode & 0o7777, modified: Math.floor(stat.mtimeMs / 1000) };
    if (stat.isFile()) tree[name] = { kind: 'file', ...common, content: await readFile(path, 'latin1') };
    else if (stat.isSymbolicLink()) {
      tree[name] = { kind: 'symlink', ...common, content: await readlink(path) };
    } else if (stat.isDirectory()) {
      tree[name] = { kind: 'directory', ...common, content: '' };
      Object.assign(tree, await readTree(folder, name));
    } else tree[name] = { kind: 'other', ...common, content: '' };
  }
  return tree;
}
