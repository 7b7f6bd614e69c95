import { posix } from 'node:path';
import { remembered } from '../../../base/remembered.ts';
import {
  decodeSource,
  type Elsewhere,
  MAX_SOURCE_BYTES,
  type SourceFile,
  type Sources,
  type SourceTree,
} from '../../../config/index.ts';
import { listFiles } from './list-files.ts';
import type { GitObjects } from './objects.ts';

export interface CommitSourcesRequest {
  readonly objects: GitObjects;
  /** The hash of the commit's tree. */
  readonly tree: string;
  readonly elsewhere: Elsewhere;
  readonly changedSince: Sources['changedSince'];
}

/** A project at a commit as `config` reads it; nothing is asked for before it is wanted. */
export function commitSources({ objects, tree, elsewhere, changedSince }: CommitSourcesRequest): Sources {
  const changed = new Map<string, Promise<readonly string[] | null>>();
  return {
    ...commitFiles(objects, tree),
    changedSince: (ref) => remembered(changed, ref, () => changedSince(ref)),
    elsewhere,
  };
}

/** Nothing of it is ever out of reach. */
export interface CommitFiles extends SourceTree {
  readFile(path: string): Promise<SourceFile>;
}

/** The files of a commit. Symbolic links are followed where they stay in it. */
export function commitFiles(objects: GitObjects, tree: string): CommitFiles {
  const read = new Map<string, Promise<SourceFile>>();
  let files: Promise<readonly string[]> | null = null;
  return {
    readFile: (path) => remembered(read, path, () => readFile(objects, tree, path)),
    listFiles() {
      files ??= listFiles(objects, tree);
      return files;
    },
  };
}

async function readFile(objects: GitObjects, tree: string, path: string): Promise<SourceFile> {
  const inside = pathInside(path);
  if (inside === null) return { kind: 'absent' };
  const found = await objects.read(`${tree}:${inside}`, MAX_SOURCE_BYTES);
  if (found.kind === 'none' || found.type !== 'blob') return { kind: 'absent' };
  return found.kind === 'too-large'
    ? { kind: 'too-large', bytes: found.bytes, limit: MAX_SOURCE_BYTES }
    : decodeSource(found.bytes);
}

/** Normal and within the project; null when it is not, or longer than the path of any file. */
function pathInside(path: string): string | null {
  if (path.length > MAX_PATH || /[\n\0]/.test(path)) return null;
  const normal = posix.normalize(path);
  const isOutside = normal === '.' || normal === '..' || normal.startsWith('../') || normal.startsWith('/');
  return isOutside ? null : normal;
}

const MAX_PATH = 4_096;
