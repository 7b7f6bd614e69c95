import type { Problem } from '../../../base/problem.ts';
import type { MappingNode, Node } from '../../document/index.ts';
import { attribute, child, isNull, record } from '../entries/collections.ts';
import { childOf, complain, type Entry, rootPosition, say } from '../entries/entry.ts';
import { scalarAsText } from '../entries/scalars.ts';
import { type InputSpec, inputRecord, readInputSpecs } from './input-spec.ts';

interface SpecKeys {
  inputs: ReadonlyMap<string, InputSpec>;
  description: string;
  component: true;
  include: true;
}

export const specRecord = record<SpecKeys>({
  inputs: child(inputs()),
  description: attribute(scalarAsText('should be a string')),
  component: child(notAvailable('component context is not available in a local run yet')),
  include: child(notAvailable('header includes are not available in a local run yet')),
});

const header = record<{ spec: ReadonlyMap<string, InputSpec> }>({
  spec: child({
    shape: specRecord.shape,
    read: (node, at) => specRecord.read(node, at)?.values.inputs ?? new Map(),
  }),
});

/** Whether a document is a header: what stands before `---` and says what the file takes. */
export function isHeader(document: Node | undefined): document is MappingNode {
  return document?.kind === 'mapping' && document.entries.has('spec');
}

/** The inputs that a header declares; what is wrong with it is added to `problems`. */
export function readHeader(document: MappingNode, problems: Problem[]): ReadonlyMap<string, InputSpec> {
  const at = childOf(rootPosition(problems), 'header');
  return header.read(document, at)?.values.spec ?? new Map();
}

function inputs(): Entry<ReadonlyMap<string, InputSpec>> {
  return {
    shape: { type: 'map', values: inputRecord.shape },
    read(node, at) {
      if (isNull(node)) return new Map();
      return node.kind === 'mapping' ? readInputSpecs(node, at) : complain(at, node.span, 'should be a hash');
    },
  };
}

function notAvailable(message: string): Entry<true> {
  return {
    shape: { type: 'any' },
    read: (node, at) => say(at, node.span, message, { code: 'include-not-available' }),
  };
}
