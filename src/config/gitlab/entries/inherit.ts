import { attribute, byKind, into, listOf, record } from './collections.ts';
import { complain, type Entry } from './entry.ts';
import { text } from './scalars.ts';

export type Inherited = boolean | readonly string[];

export interface Inherit {
  readonly default: Inherited;
  readonly variables: Inherited;
}

const MESSAGE = 'should be a bool or an array of strings';

const yesOrNo: Entry<Inherited> = {
  shape: { type: 'boolean' },
  read: (node, at) =>
    node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : complain(at, node.span, MESSAGE),
};

const which: Entry<Inherited> = byKind(
  { scalar: yesOrNo, sequence: listOf(text({ message: MESSAGE })) },
  MESSAGE,
);

/** `inherit`: which defaults and which root variables a job takes; all of them unless it says otherwise. */
export const inherit: Entry<Inherit> = into(
  record<Inherit>({ default: attribute(which), variables: attribute(which) }),
  ({ values }) => ({ default: values.default ?? true, variables: values.variables ?? true }),
);

export function inherits(inherited: Inherited, name: string): boolean {
  return typeof inherited === 'boolean' ? inherited : inherited.includes(name);
}
