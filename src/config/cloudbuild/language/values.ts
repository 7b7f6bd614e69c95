import type { MappingNode, Node, ScalarNode } from '../../document/index.ts';
import { secondsOf } from './duration.ts';

/** A text and where it stands. */
export interface PlacedText {
  readonly text: string;
  readonly node: ScalarNode;
}

/** Values of a tree that has been checked: what is not there, or was wrong, is null or empty. */
export function textIn(mapping: MappingNode | null, name: string): PlacedText | null {
  return placed(valueIn(mapping, name));
}

export function textsIn(mapping: MappingNode | null, name: string): readonly PlacedText[] {
  return itemsIn(mapping, name).flatMap((item) => placed(item) ?? []);
}

export function flagIn(mapping: MappingNode | null, name: string): boolean | null {
  const node = valueIn(mapping, name);
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : null;
}

export function integersIn(mapping: MappingNode | null, name: string): readonly number[] {
  return itemsIn(mapping, name).flatMap((item) => (item.kind === 'scalar' ? [Number(item.value)] : []));
}

export function secondsIn(mapping: MappingNode | null, name: string): number | null {
  const found = textIn(mapping, name);
  return found === null ? null : secondsOf(found.text);
}

export function mappingIn(mapping: MappingNode | null, name: string): MappingNode | null {
  const node = valueIn(mapping, name);
  return node?.kind === 'mapping' ? node : null;
}

export function mappingsIn(mapping: MappingNode | null, name: string): readonly MappingNode[] {
  return itemsIn(mapping, name).flatMap((item) => (item.kind === 'mapping' ? [item] : []));
}

export function itemsIn(mapping: MappingNode | null, name: string): readonly Node[] {
  const node = valueIn(mapping, name);
  return node?.kind === 'sequence' ? node.items : [];
}

export function valueIn(mapping: MappingNode | null, name: string): Node | null {
  return mapping?.entries.get(name)?.value ?? null;
}

export function placed(node: Node | null): PlacedText | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? { text: node.value, node } : null;
}
