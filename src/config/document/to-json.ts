import type { Json } from '../../pipeline/index.ts';
import type { Node } from './node.ts';

/**
 * The plain value of a tree: mappings as objects, an unresolved reference as `["!reference", …path]`. Numbers that
 * JSON cannot hold (infinities, NaN) become their text.
 */
export function toJson(node: Node): Json {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'number' && !Number.isFinite(node.value) ? node.source : node.value;
    case 'sequence':
      return node.items.map(toJson);
    case 'mapping':
      return Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, toJson(entry.value)]));
    case 'reference':
      return ['!reference', ...node.path];
  }
}
