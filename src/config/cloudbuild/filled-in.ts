import type { MappingEntry, MappingNode, Node } from '../document/index.ts';
import type { Fields, Shape } from '../fields/field.ts';
import { BUILD } from './language/build.ts';
import { placed } from './language/values.ts';
import type { Substitution } from './substitution/substitute.ts';

/** The build, in camel case, with the value of each substitution in its place wherever the service puts it. */
export function filledIn(build: MappingNode, substitution: Substitution): MappingNode {
  function record(node: MappingNode, fields: Fields): MappingNode {
    const entries = new Map<string, MappingEntry>();
    for (const [name, entry] of node.entries) {
      const field = fields[name];
      const value =
        field === undefined ? entry.value : filled(entry.value, field.shape, field.substituted === true);
      entries.set(name, { ...entry, value });
    }
    return { ...node, entries };
  }

  function filled(node: Node, shape: Shape, substituted: boolean): Node {
    if (shape.type === 'list' && node.kind === 'sequence')
      return { ...node, items: node.items.map((item) => filled(item, shape.items, substituted)) };
    if (shape.type === 'record' && node.kind === 'mapping') return record(node, shape.fields);
    const text = substituted ? placed(node) : null;
    if (text === null) return node;
    const value = substitution.expand(text);
    return value === text.text ? node : { ...text.node, value, source: value, quoted: true };
  }

  return record(build, BUILD);
}
