import type { Problem } from '../../base/problem.ts';
import { type MappingNode, type Node, problemAt } from '../document/index.ts';
import type { Fields, Shape } from '../fields/field.ts';
import { BUILD } from './language/build.ts';

/** Warns, once for each, of the fields of a checked file that nothing is done with here. */
export function warnOfUnacted(build: MappingNode, problems: Problem[]): void {
  const said = new Set<string>();

  function lookAt(node: Node, shape: Shape, place: string): void {
    if (shape.type === 'list' && node.kind === 'sequence')
      for (const item of node.items) lookAt(item, shape.items, place);
    if (shape.type === 'record' && node.kind === 'mapping') lookInto(node, shape.fields, place);
  }

  function lookInto(node: MappingNode, fields: Fields, before: string): void {
    for (const [name, { key, value }] of node.entries) {
      const field = fields[name];
      if (field === undefined) continue;
      const place = before === '' ? name : `${before}.${name}`;
      if (field.treatment?.kind === 'not-acted-on' && !said.has(place)) {
        said.add(place);
        problems.push(
          problemAt(key.span, {
            code: 'keyword-not-acted-on',
            severity: 'warning',
            message: `${place} is read but has no effect here`,
            hint: field.treatment.why,
          }),
        );
      }
      lookAt(value, field.shape, place);
    }
  }

  lookInto(build, BUILD, '');
}
