import type { TextRange } from '../../config/index.ts';
import { blockAt, type FileIndex, shifted } from '../syntax/file-index.ts';
import type { NameKind, Occurrence } from './occurrence.ts';

/** A name in a file, with its place counted from the file's start. */
export interface FoundName {
  readonly file: FileIndex;
  readonly range: TextRange;
  readonly occurrence: Occurrence;
}

/** The files that are read together: the names of one are known in the others. */
export type Files = readonly FileIndex[];

/** The name at a place, the shortest if they lie in each other; a cursor at its end counts. */
export function nameAt(file: FileIndex, offset: number): FoundName | null {
  const block = blockAt(file, offset);
  if (block === null) return null;
  const local = offset - block.start;
  let best: Occurrence | null = null;
  for (const occurrence of block.names) {
    if (occurrence.start > local) break;
    if (occurrence.end < local) continue;
    if (best === null || size(occurrence) < size(best) || prefers(occurrence, best)) best = occurrence;
  }
  return best === null ? null : { file, occurrence: best, range: shifted(best, block.start) };
}

function size({ start, end }: TextRange): number {
  return end - start;
}

/** At the root a name is a job's before it is anything else's. */
function prefers(one: Occurrence, other: Occurrence): boolean {
  return size(one) === size(other) && rank(one.kind) < rank(other.kind);
}

function rank(kind: NameKind): number {
  return kind === 'key' ? 1 : 0;
}

export function* namesIn(files: Files, kind: NameKind, role?: Occurrence['role']): Generator<FoundName> {
  for (const file of files) {
    for (const block of file.blocks) {
      for (const occurrence of block.names) {
        if (occurrence.kind !== kind || (role !== undefined && occurrence.role !== role)) continue;
        yield { file, occurrence, range: shifted(occurrence, block.start) };
      }
    }
  }
}

/** The names that are defined, each once. */
export function definedNames(files: Files, kind: NameKind): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { occurrence } of namesIn(files, kind, 'definition')) names.add(occurrence.name);
  return names;
}
