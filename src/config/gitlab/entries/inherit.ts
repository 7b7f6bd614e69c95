import { byKind, child, into, listOf, record } from './collections.ts';
import { complain, complainOf, type Entry } from './entry.ts';
import { textOf } from './scalars.ts';

export type Inherited = boolean | readonly string[];

export interface Inherit {
  readonly default: Inherited;
  readonly variables: Inherited;
}

const MESSAGE = 'should be a bool or array of strings';

const yesOrNo: Entry<Inherited> = {
  shape: { type: 'boolean' },
  read: (node, at) =>
    node.kind === 'scalar' && typeof node.value === 'boolean'
      ? node.value
      : complainOf(at, node.span, MESSAGE),
};

/** `known`: the only names there are; null: any. */
function which(known: readonly string[] | null): Entry<Inherited> {
  const name: Entry<string> = {
    shape: known === null ? { type: 'string' } : { type: 'enum', values: known },
    read(node, at) {
      const value = textOf(node);
      if (value === null) return complain(at, node.span, 'should be an array of strings');
      if (known === null || known.includes(value)) return value;
      return complain(at, node.span, `contains unknown values: ${value}`, {
        hint: `Known are: ${known.join(', ')}.`,
      });
    },
  };
  return byKind({ scalar: yesOrNo, sequence: listOf(name) }, MESSAGE, complainOf);
}

/** `inherit`: which of these defaults and which root variables a job takes; all of them unless it says otherwise. */
export function inherit(defaults: readonly string[]): Entry<Inherit> {
  return into(
    record<Inherit>({ default: child(which(defaults)), variables: child(which(null)) }),
    ({ values }) => ({ default: values.default ?? true, variables: values.variables ?? true }),
  );
}

export function inherits(inherited: Inherited, name: string): boolean {
  return typeof inherited === 'boolean' ? inherited : inherited.includes(name);
}
