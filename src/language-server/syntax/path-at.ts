import type { WrittenNode, WrittenPair } from '../../config/index.ts';

/** What an offset of a block is at. */
export interface PathAt {
  /** The keys that lead there from the root; on a key, it is the last of them. Items of lists have none. */
  readonly keys: readonly string[];
  readonly on: 'key' | 'value';
  /** The pair whose key or value it is. */
  readonly pair: WrittenPair;
}

/** Null between things, and for keys that are no text. */
export function pathAt(tree: WrittenNode | null, offset: number): PathAt | null {
  let found: PathAt | null = null;
  let node = tree;
  let keys: readonly string[] = [];
  while (node !== null) {
    if (node.kind === 'scalar' || node.kind === 'alias') return covers(node, offset) ? found : null;
    if (node.kind === 'sequence') {
      node = node.items.findLast((item) => item.start <= offset) ?? null;
      continue;
    }
    const pair: WrittenPair | undefined = node.pairs.findLast(({ key }) => key.start <= offset);
    if (pair?.key.kind !== 'scalar') return null;
    keys = [...keys, pair.key.value];
    if (covers(pair.key, offset)) return { keys, on: 'key', pair };
    found = { keys, on: 'value', pair };
    node = pair.value;
  }
  return null;
}

function covers({ start, end }: WrittenNode, offset: number): boolean {
  return start <= offset && offset <= end;
}
