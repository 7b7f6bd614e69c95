import type { MappingEntry, MappingNode, Span, Via } from '../document/index.ts';

/**
 * Merges `over` onto `base`: mappings key by key to any depth, everything else is replaced, also by null. Keys keep
 * the order of `base`, new ones follow. How an entry came to be there moves down with the keys of a merged mapping.
 */
export function deepMerge(base: MappingNode, over: MappingNode): MappingNode {
  return base.entries.size === 0 ? over : mergeLayers([base, over], over.span);
}

/** Merges each of the layers onto those before it, in time linear in all their keys together. */
export function mergeLayers(layers: readonly MappingNode[], span: Span): MappingNode {
  const entries = new Map(layers[0]?.entries);
  for (const layer of layers.slice(1)) {
    for (const [name, entry] of layer.entries) {
      const before = entries.get(name);
      entries.set(name, before === undefined ? entry : mergeEntry(before, entry));
    }
  }
  return { kind: 'mapping', entries, span };
}

/** Every entry of the mapping, with `steps` added behind its own way. */
export function withSteps(node: MappingNode, steps: readonly Via[]): MappingNode {
  if (steps.length === 0) return node;
  const entries = new Map<string, MappingEntry>();
  const lengthen = forEachWay((way) => [...way, ...steps]);
  for (const [name, { key, value, via }] of node.entries)
    entries.set(name, { key, value, via: lengthen(via) });
  return { kind: 'mapping', entries, span: node.span };
}

/** Every entry of the mapping, with `step` put in front: it was taken from here in one step more. */
export function afterStep(node: MappingNode, step: Via): MappingNode {
  const entries = new Map<string, MappingEntry>();
  const lengthen = forEachWay((way) => [step, ...way]);
  for (const [name, { key, value, via }] of node.entries)
    entries.set(name, { key, value, via: lengthen(via) });
  return { kind: 'mapping', entries, span: node.span };
}

/** Entries that came the same way share one list: in a large configuration most of them do. */
function forEachWay(lengthen: (way: readonly Via[]) => readonly Via[]): typeof lengthen {
  const known = new Map<readonly Via[], readonly Via[]>();
  return (way) => {
    const longer = known.get(way) ?? lengthen(way);
    known.set(way, longer);
    return longer;
  };
}

function mergeEntry(before: MappingEntry, after: MappingEntry): MappingEntry {
  if (before.value.kind !== 'mapping' || after.value.kind !== 'mapping') return after;
  const value = deepMerge(withSteps(before.value, before.via), withSteps(after.value, after.via));
  return { key: after.key, value, via: [] };
}
