import type { Problem } from '../../../base/problem.ts';
import type { MappingNode, Node } from '../../document/index.ts';
import { child, listOf, record } from '../entries/collections.ts';
import { attributeOf, childOf, complain, type Entry, rootPosition } from '../entries/entry.ts';
import { text } from '../entries/scalars.ts';
import { type InputSpec, inputShape, readInputSpecs } from './input-spec.ts';

/** What a file's header says about it. */
export interface Header {
  readonly inputs: ReadonlyMap<string, InputSpec>;
  /** What of `$[[ component.… ]]` the file may use. */
  readonly component: readonly ComponentKey[];
  /** Where more inputs are declared; null: nowhere, or they are among `inputs` already. */
  readonly include: Node | null;
}

export const COMPONENT_KEYS = ['name', 'sha', 'version', 'reference'] as const;

export type ComponentKey = (typeof COMPONENT_KEYS)[number];

/** Whether a document is a header: what stands before `---` and says what the file takes. */
export function isHeader(document: Node | undefined): document is MappingNode {
  return document?.kind === 'mapping' && document.entries.has('spec');
}

/** What a header declares; what is wrong with it is added to `problems`. */
export function readHeader(document: MappingNode, problems: Problem[]): Header {
  const at = childOf(rootPosition(problems), 'header');
  const values = header.read(document, at)?.values.spec?.values;
  return {
    inputs: values?.inputs ?? new Map(),
    component: values?.component ?? [],
    include: values?.include ?? null,
  };
}

interface SpecKeys {
  inputs: ReadonlyMap<string, InputSpec>;
  description: string;
  component: readonly ComponentKey[];
  include: Node;
}

const MAX_DESCRIPTION = 256;

export const specRecord = record<SpecKeys>({
  inputs: child(inputs()),
  description: child(description()),
  component: child(component()),
  include: child({ shape: { type: 'any' }, read: (node) => node }),
});

const header = record<{ spec: NonNullable<ReturnType<typeof specRecord.read>> }>({
  spec: child(specRecord),
});

function inputs(): Entry<ReadonlyMap<string, InputSpec>> {
  return {
    shape: { type: 'map', values: inputShape },
    read: (node, at) =>
      node.kind === 'mapping' ? readInputSpecs(node, at) : complain(at, node.span, 'should be a hash'),
  };
}

/** Its faults are the ones of `spec` itself. */
function description(): Entry<string> {
  const entry = text({ maxLength: MAX_DESCRIPTION });
  return {
    shape: entry.shape,
    read: (node, at) => entry.read(node, attributeOf(at.parent ?? at, 'config_description')),
  };
}

function component(): Entry<readonly ComponentKey[]> {
  const names = listOf(text({ message: 'should be an array of strings' }));
  return {
    shape: { type: 'list', items: { type: 'enum', values: COMPONENT_KEYS } },
    read(node, at) {
      const given = names.read(node, at);
      if (given === undefined) return undefined;
      const known = COMPONENT_KEYS.filter((key) => given.includes(key));
      const unknown = given.filter((name) => !known.some((key) => key === name));
      if (unknown.length === 0) return known;
      const hint = `Known are: ${COMPONENT_KEYS.join(', ')}.`;
      return complain(at, node.span, `contains unknown values: ${unknown.join(', ')}`, { hint });
    },
  };
}
