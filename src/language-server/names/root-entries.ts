import type { WrittenNode, WrittenScalar } from '../../config/index.ts';
import type { FileIndex, IndexedBlock } from '../syntax/file-index.ts';
import { itemsOf, textOf, valueAt } from './collector.ts';
import type { Files } from './find-names.ts';

/** A key at the root of a file, with its value. */
export interface RootEntry {
  readonly file: FileIndex;
  readonly block: IndexedBlock;
  readonly key: WrittenScalar;
  readonly value: WrittenNode;
}

/** The keys at the root of all files, without those of headers, in the order of the files. */
export function* rootEntries(files: Files): Generator<RootEntry> {
  for (const file of files) {
    for (const block of file.blocks) {
      const { tree, isHeader } = block.content;
      if (tree?.kind !== 'mapping' || isHeader) continue;
      for (const { key, value } of tree.pairs) if (key.kind === 'scalar') yield { file, block, key, value };
    }
  }
}

/** By the name of the key; of a job that several files speak of, all of its parts. */
export function entriesByName(files: Files): ReadonlyMap<string, readonly RootEntry[]> {
  const byName = new Map<string, RootEntry[]>();
  for (const entry of rootEntries(files)) {
    const same = byName.get(entry.key.value);
    if (same === undefined) byName.set(entry.key.value, [entry]);
    else same.push(entry);
  }
  return byName;
}

/**
 * A job and what it extends, nearest first, each once; names that nothing stands behind are left out. A later file is
 * merged over an earlier one, so it comes first.
 */
export function lineage(
  byName: ReadonlyMap<string, readonly RootEntry[]>,
  name: string,
): readonly RootEntry[] {
  const found: RootEntry[] = [];
  const seen = new Set<string>([name]);
  // The list grows while it is walked.
  for (const current of seen) {
    for (const entry of (byName.get(current) ?? []).toReversed()) {
      found.push(entry);
      // Of several parents the last one wins.
      for (const parent of [...itemsOf(valueAt(entry.value, 'extends'))].reverse()) {
        const parentName = textOf(parent);
        if (parentName !== null && seen.size < MAX_ANCESTORS) seen.add(parentName);
      }
    }
  }
  return found;
}

const MAX_ANCESTORS = 100;

/** The value of a job's keyword, its own or inherited; undefined when none has it. */
export function inheritedValue(entries: readonly RootEntry[], keyword: string): WrittenNode | undefined {
  for (const { value } of entries) {
    const own = valueAt(value, keyword);
    if (own !== undefined) return own;
  }
  return undefined;
}
