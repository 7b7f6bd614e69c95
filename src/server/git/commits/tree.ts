import { AppError } from '../../../base/app-error.ts';
import { remembered } from '../../../base/remembered.ts';
import type { GitObjects } from './objects.ts';

export interface TreeEntry {
  readonly name: string;
  /** `link`: a symbolic link; `module`: the commit of another repository. */
  readonly kind: 'file' | 'link' | 'folder' | 'module';
  readonly id: string;
  /** As git writes it: `100755`. */
  readonly mode: string;
}

/**
 * Goes down level by level: `visit` answers with what is below. Some are visited at once, so that git is not waited for
 * each time; no more, so that what was read is gone before there is much of it. Among these a tree that stands in many
 * places is read once.
 */
export async function eachLevel<T>(
  objects: GitObjects,
  root: readonly T[],
  visit: (folder: T, read: (id: string) => Promise<readonly TreeEntry[]>) => Promise<readonly T[]>,
): Promise<void> {
  for (let level = root; level.length > 0; ) {
    const below: T[] = [];
    for (let at = 0; at < level.length; at += AT_ONCE) {
      const trees = new Map<string, Promise<readonly TreeEntry[]>>();
      const read = (id: string) => remembered(trees, id, () => readTree(objects, id));
      const found = await Promise.all(level.slice(at, at + AT_ONCE).map((folder) => visit(folder, read)));
      for (const folders of found) for (const folder of folders) below.push(folder);
    }
    level = below;
  }
}

const AT_ONCE = 256;

/**
 * One folder of a commit, as git has it.
 * @throws AppError `git-failed` when it is not there, is no tree, or has more entries than anybody's.
 */
async function readTree(objects: GitObjects, id: string): Promise<readonly TreeEntry[]> {
  const found = await objects.read(id, MAX_TREE_BYTES);
  if (found.kind === 'object' && found.type === 'tree') return parseTree(found.bytes, found.id.length / 2);
  const why = found.kind === 'too-large' ? `has ${found.bytes} bytes, which is too much` : 'is not there';
  throw new AppError('git-failed', `The tree ${id} ${why}.`);
}

/** A folder with 200,000 files. */
const MAX_TREE_BYTES = 16_000_000;

/**
 * `MODE NAME\0` and the bytes of a hash, for each entry. A name that is not UTF-8 has replacement characters. What no
 * folder can have, git's own check of a push has refused; here it is left out.
 */
export function parseTree(bytes: Buffer, hashBytes: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const end = space === -1 ? -1 : bytes.indexOf(0, space);
    if (end === -1 || end + hashBytes >= bytes.length) break;
    const mode = bytes.toString('latin1', at, space);
    const name = bytes.toString('utf8', space + 1, end);
    const id = bytes.toString('hex', end + 1, end + 1 + hashBytes);
    at = end + 1 + hashBytes;
    const kind = kindOf(mode);
    if (kind !== null && name !== '' && name !== '.' && name !== '..' && !name.includes('/')) {
      entries.push({ name, kind, id, mode });
    }
  }
  return entries;
}

function kindOf(mode: string): TreeEntry['kind'] | null {
  switch (mode.padStart(6, '0').slice(0, 3)) {
    case '100':
      return 'file';
    case '120':
      return 'link';
    case '040':
      return 'folder';
    case '160':
      return 'module';
    default:
      return null;
  }
}
