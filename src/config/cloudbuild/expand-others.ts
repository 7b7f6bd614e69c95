import type { MappingNode, Node } from '../document/index.ts';
import type { Shape } from '../fields/field.ts';
import { BUILD } from './language/build.ts';
import { placed } from './language/values.ts';
import type { Substitution } from './substitution/substitute.ts';

/** Read elsewhere: what jobs are made of. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set(['steps', 'images', 'availableSecrets', 'secrets']);

/**
 * Fills in the substitutions of the texts that no job is made of (tags, addresses of repositories), so that what is wrong
 * in them is said, and what they use counts as used.
 */
export function expandOthers(build: MappingNode, substitution: Substitution): void {
  function visit(node: Node, shape: Shape, substituted: boolean): void {
    if (shape.type === 'list' && node.kind === 'sequence')
      for (const item of node.items) visit(item, shape.items, substituted);
    else if (shape.type === 'record' && node.kind === 'mapping')
      for (const [name, { value }] of node.entries) {
        const field = shape.fields[name];
        if (field !== undefined) visit(value, field.shape, field.substituted === true);
      }
    else {
      const text = placed(node);
      if (substituted && text !== null) substitution.expand(text);
    }
  }
  for (const [name, { value }] of build.entries) {
    const field = BUILD[name];
    if (field !== undefined && !READ_ELSEWHERE.has(name))
      visit(value, field.shape, field.substituted === true);
  }
}
