import { attribute, byKind, into, listOf, record } from './collections.ts';
import type { Entry } from './entry.ts';
import { boolean, text } from './scalars.ts';

export type Inherited = boolean | readonly string[];

export interface Inherit {
  readonly default: Inherited;
  readonly variables: Inherited;
}

const which: Entry<Inherited> = byKind(
  { scalar: boolean, sequence: listOf(text({ message: 'should be a bool or an array of strings' })) },
  'should be a bool or an array of strings',
);

/** `inherit`: which defaults and which root variables a job takes; all of them unless it says otherwise. */
export const inherit: Entry<Inherit> = into(
  record<Inherit>({ default: attribute(which), variables: attribute(which) }),
  ({ values }) => ({ default: values.default ?? true, variables: values.variables ?? true }),
);

export function inherits(inherited: Inherited, name: string): boolean {
  return typeof inherited === 'boolean' ? inherited : inherited.includes(name);
}
