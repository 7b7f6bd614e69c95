import type { Problem } from '../../base/problem.ts';
import type { MappingEntry, MappingNode, Node, ScalarNode } from './node.ts';
import { problemAt } from './problem-at.ts';

/**
 * Carries out `<<: *name` or `<<: [*first, *second]` (earlier beats later) where it stands: like GitLab's parser it
 * overrides keys written before it and yields to keys written after it. Overriding surprises people, so it is said.
 * `added` counts the entries copied, for the bound on a document's size.
 */
export function mergeInto(
  entries: Map<string, MappingEntry>,
  mergeKey: ScalarNode,
  value: Node,
  anchorName: (node: Node) => string,
): { readonly added: number; readonly problems: readonly Problem[] } {
  const sources = mergeSources(value);
  if (sources === null) return { added: 0, problems: [notMergeable(mergeKey, value)] };
  const problems: Problem[] = [];
  let added = 0;
  for (const source of sources.toReversed()) {
    const step = { kind: 'anchor', name: anchorName(source), span: mergeKey.span } as const;
    for (const [name, entry] of source.entries) {
      const before = entries.get(name);
      if (before !== undefined && before.via.length === 0) problems.push(overridden(mergeKey, name));
      entries.set(name, { key: entry.key, value: entry.value, via: [step, ...entry.via] });
      added++;
    }
  }
  return { added, problems };
}

function mergeSources(value: Node): readonly MappingNode[] | null {
  if (value.kind === 'mapping') return [value];
  if (value.kind !== 'sequence') return null;
  const sources: MappingNode[] = [];
  for (const item of value.items) {
    if (item.kind !== 'mapping') return null;
    sources.push(item);
  }
  return sources;
}

function notMergeable(mergeKey: ScalarNode, value: Node): Problem {
  return problemAt(value.span.start < mergeKey.span.start ? mergeKey.span : value.span, {
    code: 'yaml-merge',
    message: '`<<` merges a mapping or a list of mappings, and this is neither',
    hint: 'Write `<<: *name`, where `&name` stands before a mapping.',
  });
}

function overridden(mergeKey: ScalarNode, name: string): Problem {
  return problemAt(mergeKey.span, {
    code: 'yaml-merge-overrides',
    severity: 'warning',
    message: `This merge comes after the key \`${name}\` and replaces it`,
    hint: 'Put `<<` first in the mapping, so that the keys after it win.',
  });
}
