import { type Node, parseDocuments } from '../../document/index.ts';
import { BUILD } from '../language/build.ts';
import type { Shape } from '../language/field.ts';
import { fieldName } from '../language/find.ts';

/** The paths of the fields that a build file uses: `steps:waitFor`. */
export function usedFields(text: string): ReadonlySet<string> {
  const used = new Set<string>();
  function visit(node: Node, shape: Shape, path: string): void {
    if (shape.type === 'list' && node.kind === 'sequence')
      for (const item of node.items) visit(item, shape.items, path);
    if (shape.type !== 'record' || node.kind !== 'mapping') return;
    for (const [key, { value }] of node.entries) {
      const name = fieldName(key, shape.fields);
      const field = name === null ? undefined : shape.fields[name];
      if (field === undefined) continue;
      const below = path === '' ? `${name}` : `${path}:${name}`;
      used.add(below);
      visit(value, field.shape, below);
    }
  }
  const [document] = parseDocuments({ name: 'cloudbuild.yaml', text }).documents;
  if (document !== undefined) visit(document, { type: 'record', fields: BUILD }, '');
  return used;
}
