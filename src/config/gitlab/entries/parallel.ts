import { type MappingNode, type Node, scalarText } from '../../document/index.ts';
import type { ParsedParallel } from '../parsed.ts';
import { byKind, child, into, record } from './collections.ts';
import { childOf, complain, type Entry, type Position } from './entry.ts';
import { integer } from './scalars.ts';

const MAX_JOBS = 200;

type MatrixEntries = Extract<ParsedParallel, { kind: 'matrix' }>['entries'];

const byMatrix: Entry<ParsedParallel> = into(
  record<{ matrix: MatrixEntries }>(
    { matrix: child(matrix()) },
    { message: 'should be an integer or a hash' },
  ),
  ({ values, spanOf }, at) =>
    values.matrix === undefined
      ? complain(at, spanOf('matrix'), 'missing required keys: matrix')
      : { kind: 'matrix', entries: values.matrix },
);

/** `parallel` of a job: a number of equal instances, or one for each combination of variables. */
export const parallel: Entry<ParsedParallel> = byKind(
  {
    scalar: into(integer(1, MAX_JOBS, 'should be an integer or a hash'), (count) => ({
      kind: 'count',
      count,
    })),
    mapping: byMatrix,
  },
  'should be an integer or a hash',
);

/** `parallel` of a bridge: a plain number makes no sense there. */
export const bridgeParallel: Entry<ParsedParallel> = byKind(
  {
    scalar: notANumber(),
    mapping: byMatrix,
  },
  'should be a hash',
);

function notANumber(): Entry<ParsedParallel> {
  return {
    shape: { type: 'any' },
    read: (node, at) => complain(at, node.span, 'cannot use "parallel: <number>"'),
  };
}

function matrix(): Entry<MatrixEntries> {
  return {
    shape: { type: 'list', items: { type: 'map', values: { type: 'list', items: { type: 'string' } } } },
    read(node, at) {
      if (node.kind !== 'sequence') return complain(at, node.span, 'should be an array of hashes');
      if (node.items.length === 0) return complain(at, node.span, "can't be blank");
      const entries: (readonly (readonly [string, readonly string[]])[])[] = [];
      for (const item of node.items) {
        const entry = item.kind === 'mapping' ? matrixEntry(item, at) : notAnEntry(item, at);
        if (entry === undefined) return undefined;
        entries.push(entry);
      }
      const total = entries.reduce((sum, entry) => sum + combinations(entry), 0);
      if (total <= MAX_JOBS) return entries;
      return complain(at, node.span, `generates too many jobs (maximum is ${MAX_JOBS})`, {
        hint: `The combinations amount to ${total}.`,
      });
    },
  };
}

function matrixEntry(
  node: MappingNode,
  at: Position,
): readonly (readonly [string, readonly string[]])[] | undefined {
  if (node.entries.size === 0) return notAnEntry(node, at);
  const pairs: (readonly [string, readonly string[]])[] = [];
  for (const [name, { value }] of node.entries) {
    const items = value.kind === 'sequence' ? value.items : [value];
    const texts: string[] = [];
    for (const item of items) {
      const text = matrixValue(item);
      if (text === null) return notAnEntry(item, at);
      texts.push(text);
    }
    if (texts.length === 0) return notAnEntry(value, at);
    pairs.push([name, texts]);
  }
  return pairs;
}

/** Texts and whole numbers; GitLab refuses booleans and fractions. */
function matrixValue(node: Node): string | null {
  if (node.kind !== 'scalar') return null;
  return typeof node.value === 'string' || Number.isInteger(node.value) ? scalarText(node) : null;
}

function notAnEntry(node: Node, at: Position): undefined {
  return complain(
    childOf(at, 'variables'),
    node.span,
    'should be a hash of key value pairs, value can be an array',
    { hint: 'Values are texts or whole numbers; put others in quotes.' },
  );
}

function combinations(entry: readonly (readonly [string, readonly string[]])[]): number {
  return entry.reduce((product, [, values]) => product * values.length, 1);
}
