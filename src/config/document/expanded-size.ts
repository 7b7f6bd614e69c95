import type { Node } from './node.ts';

/** How large a tree is when all that is shared in it is counted as the copies it stands for. */
export interface ExpandedSize {
  readonly values: number;
  /** Of all values and keys, in UTF-16 units. */
  readonly characters: number;
}

/** Measures trees; what they share is looked at once for all of them. */
export function createExpandedSize(): (node: Node) => ExpandedSize {
  const sizes = new Map<Node, ExpandedSize>();

  function sizeOf(node: Node): ExpandedSize {
    if (node.kind === 'scalar') return { values: 1, characters: node.source.length };
    if (node.kind === 'reference') return { values: 1, characters: 0 };
    const known = sizes.get(node);
    if (known !== undefined) return known;
    const size = sumOf(node);
    // To look again at a few scalars costs less than to remember them.
    if (size.values > FEW || !isFlat(node)) sizes.set(node, size);
    return size;
  }

  function sumOf(node: Collection): ExpandedSize {
    let values = 1;
    let characters = 0;
    // Most children are scalars: no object is made for each of them.
    const add = (child: Node, keyLength: number) => {
      characters += keyLength;
      if (child.kind === 'scalar') {
        values += 1;
        characters += child.source.length;
        return;
      }
      const size = sizeOf(child);
      values += size.values;
      characters += size.characters;
    };
    if (node.kind === 'sequence') for (const item of node.items) add(item, 0);
    else for (const [name, { value }] of node.entries) add(value, name.length);
    return { values, characters };
  }

  return sizeOf;
}

type Collection = Exclude<Node, { kind: 'scalar' | 'reference' }>;

const FEW = 8;

function isFlat(node: Collection): boolean {
  if (node.kind === 'sequence') return node.items.every((item) => item.kind === 'scalar');
  for (const { value } of node.entries.values()) if (value.kind !== 'scalar') return false;
  return true;
}
