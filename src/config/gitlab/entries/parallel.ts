import { type MappingNode, type Node, scalarText } from '../../document/index.ts';
import type { ParsedParallel } from '../parsed.ts';
import { byKind, child, into, record } from './collections.ts';
import { childOf, complain, complainOf, type Entry, type Position, type Shape } from './entry.ts';

const MAX_JOBS = 200;
const MESSAGE = 'should be an integer or a hash';

const TEXT_OR_NUMBER: Shape = { type: 'one-of', choices: [{ type: 'string' }, { type: 'integer' }] };
const MATRIX_VALUE: Shape = {
  type: 'one-of',
  choices: [{ type: 'string' }, { type: 'integer' }, { type: 'list', items: TEXT_OR_NUMBER }],
};

type MatrixEntries = Extract<ParsedParallel, { kind: 'matrix' }>['entries'];

const byMatrix: Entry<ParsedParallel> = into(
  record<{ matrix: MatrixEntries }>({ matrix: child(matrix()) }, { requiredKeys: ['matrix'] }),
  ({ values }) => ({ kind: 'matrix', entries: values.matrix ?? [] }),
);

/** `parallel` of a job: a number of equal instances, or one for each combination of variables. */
export const parallel: Entry<ParsedParallel> = byKind(
  {
    scalar: into(count(), (many) => ({ kind: 'count', count: many })),
    mapping: byMatrix,
  },
  MESSAGE,
  complainOf,
);

/** `parallel` of a bridge: a plain number makes no sense there. */
export const bridgeParallel: Entry<ParsedParallel> = byKind(
  {
    scalar: notANumber(),
    mapping: byMatrix,
  },
  MESSAGE,
  complainOf,
);

function notANumber(): Entry<ParsedParallel> {
  return {
    shape: { type: 'one-of', choices: [] },
    read: (node, at) =>
      node.kind === 'scalar' && typeof node.value === 'number'
        ? complain(at, node.span, 'cannot use "parallel: <number>".')
        : complainOf(at, node.span, MESSAGE),
  };
}

/** A number of jobs, or what is no number at all. */
function count(): Entry<number> {
  return {
    shape: { type: 'integer', minimum: 1, maximum: MAX_JOBS },
    read(node, at) {
      const value = node.kind === 'scalar' ? node.value : null;
      if (typeof value !== 'number') return complainOf(at, node.span, MESSAGE);
      if (!Number.isInteger(value)) return complain(at, node.span, 'must be an integer');
      if (value < 1) return complain(at, node.span, 'must be greater than or equal to 1');
      return value > MAX_JOBS ? complain(at, node.span, `must be less than or equal to ${MAX_JOBS}`) : value;
    },
  };
}

function matrix(): Entry<MatrixEntries> {
  return {
    shape: { type: 'list', items: { type: 'map', values: MATRIX_VALUE, minItems: 1 } },
    read(node, at) {
      if (node.kind !== 'sequence') return complain(at, node.span, 'should be an array of hashes');
      const entries: (readonly (readonly [string, readonly string[]])[])[] = [];
      for (const item of node.items) {
        if (item.kind !== 'mapping') return complain(at, item.span, 'should be an array of hashes');
        const entry = matrixEntry(item, at);
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
  if (node.entries.size === 0) {
    return complain(childOf(at, 'variables'), node.span, 'requires at least 1 items');
  }
  const pairs: (readonly [string, readonly string[]])[] = [];
  for (const [name, { value }] of node.entries) {
    const items = value.kind === 'sequence' ? value.items : [value];
    const texts: string[] = [];
    for (const item of items) {
      const text = matrixValue(item);
      if (text === null) return notAnEntry(item, at);
      texts.push(text);
    }
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
