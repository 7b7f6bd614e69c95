import { type Node, parseDocuments } from '../../document/index.ts';
import type { FieldFinder } from '../find-field.ts';

/** The paths of the fields that a file uses: `steps:waitFor`, `reports:NAME:files`. */
export function usedFields(text: string, fields: FieldFinder): ReadonlySet<string> {
  const used = new Set<string>();
  function visit(node: Node, keys: readonly string[]): void {
    if (node.kind === 'sequence') for (const item of node.items) visit(item, keys);
    if (node.kind !== 'mapping') return;
    for (const [key, { value }] of node.entries) {
      const found = fields.find([...keys, key]);
      if (found === null) continue;
      used.add(found.path);
      visit(value, [...keys, key]);
    }
  }
  const [document] = parseDocuments({ name: 'file', text }, { afterBackslash: true }).documents;
  if (document !== undefined) visit(document, []);
  return used;
}
