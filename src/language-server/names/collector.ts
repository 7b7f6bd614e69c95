import type { TextRange, WrittenNode, WrittenScalar } from '../../config/index.ts';
import type { NameKind, Occurrence } from './occurrence.ts';

/** Takes up the names of one block while it is walked. */
export interface Collector {
  readonly text: string;
  readonly found: Occurrence[];
  /** Keywords of jobs whose value is an alias: what the anchor names is read as that keyword's value. */
  readonly aliased: AliasedKeyword[];
  /** The key at the root that is being walked. */
  owner: string;
  add(kind: NameKind, name: string, role: Occurrence['role'], range: TextRange, of?: Occurrence['of']): void;
}

export interface AliasedKeyword {
  readonly keyword: string;
  readonly anchor: string;
}

export function newCollector(text: string): Collector {
  const found: Occurrence[] = [];
  return {
    text,
    found,
    aliased: [],
    owner: '',
    add(kind, name, role, { start, end }, of = null) {
      found.push({ kind, name, role, start, end, owner: this.owner, of });
    },
  };
}

/** Where a scalar's text stands: without its quotes. */
export function innerRange({ style, start, end }: WrittenScalar): TextRange {
  return style === 'quoted' ? { start: start + 1, end: Math.max(start + 1, end - 1) } : { start, end };
}

/** The text of a scalar; null for anything else and for a value that was left out. */
export function textOf(node: WrittenNode | undefined): string | null {
  return node?.kind === 'scalar' && node.value !== '' ? node.value : null;
}

export function valueAt(node: WrittenNode | undefined, key: string): WrittenNode | undefined {
  if (node?.kind !== 'mapping') return undefined;
  // Of a key that stands twice the last one holds.
  return node.pairs.findLast((pair) => pair.key.kind === 'scalar' && pair.key.value === key)?.value;
}

/** A list's items, lists in it spread out, or the single value that stands for a list of one. */
export function* itemsOf(node: WrittenNode | undefined): Generator<WrittenNode> {
  if (node === undefined) return;
  if (node.kind !== 'sequence' || node.reference) yield node;
  else for (const item of node.items) yield* itemsOf(item);
}
