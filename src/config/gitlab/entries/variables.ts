import type { Variable } from '../../../pipeline/index.ts';
import { type MappingNode, type Node, scalarText } from '../../document/index.ts';
import type { ParsedVariable } from '../parsed.ts';
import { isNull, listOf, mapOf } from './collections.ts';
import {
  attributeOf,
  childOf,
  complain,
  type Entry,
  locationOf,
  type Position,
  type Shape,
  say,
} from './entry.ts';
import { boolean, scalarAsText, text, textOf } from './scalars.ts';

const NOT_A_VARIABLE = 'variable definition must be either a string or a hash';

const scalar: Shape = scalarAsText('').shape;

const options = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

/** `variables` at the root: values, with what a form for starting the pipeline shows beside them. */
export const rootVariables: Entry<ReadonlyMap<string, ParsedVariable>> = variablesOf({
  shape: {
    type: 'one-of',
    choices: [
      scalar,
      {
        type: 'record',
        fields: {
          value: scalar,
          description: { type: 'one-of', choices: [{ type: 'string' }, { type: 'integer' }] },
          options: options.shape,
          expand: boolean.shape,
        },
      },
    ],
  },
  read: (node, at) => variable(node, at, ['value', 'description', 'expand', 'options']),
});

/** `variables` of a job: values, and whether they are expanded. */
export const jobVariables: Entry<ReadonlyMap<string, Variable>> = variablesOf({
  shape: {
    type: 'one-of',
    choices: [scalar, { type: 'record', fields: { value: scalar, expand: boolean.shape } }],
  },
  read(node, at) {
    const read = variable(node, at, ['value', 'expand']);
    return read === undefined ? undefined : { value: read.value, expand: read.expand };
  },
});

/** `variables` of a rule: plain values, nothing around them. */
export const ruleVariables: Entry<ReadonlyMap<string, Variable>> = variablesOf({
  shape: scalar,
  read(node, at) {
    if (node.kind === 'scalar' && !isNull(node)) return { value: scalarText(node), expand: true };
    if (node.kind === 'sequence') return complain(at, node.span, NOT_A_VARIABLE);
    return complain(at, node.span, 'must be a string');
  },
});

function variablesOf<T>(entry: Entry<T>): Entry<ReadonlyMap<string, T>> {
  const map = mapOf(entry);
  return {
    shape: map.shape,
    read(node, at) {
      const known = node.kind !== 'mapping' || hasNames(node, at);
      const read = map.read(node, at);
      return known ? read : undefined;
    },
  };
}

function hasNames(node: MappingNode, at: Position): boolean {
  let known = true;
  for (const [name, { key }] of node.entries) {
    if (typeof key.value === 'string' || Number.isInteger(key.value)) continue;
    known = false;
    say(at, key.span, `${locationOf(childOf(at, name))} key must be an alphanumeric string`, {
      hint: `YAML reads this key as a ${typeof key.value}; put it in quotes: "${key.source}".`,
    });
  }
  return known;
}

/** A plain value, or a hash of what is known about it. Null is a variable without a value. */
function variable(node: Node, at: Position, known: readonly string[]): ParsedVariable | undefined {
  if (node.kind === 'scalar') {
    return { value: scalarText(node), expand: true, description: null, options: null, span: node.span };
  }
  if (node.kind !== 'mapping') return complain(at, node.span, NOT_A_VARIABLE);
  const before = at.problems.length;
  const unknown = [...node.entries].filter(([name]) => !known.includes(name));
  const [first] = unknown;
  if (first !== undefined) {
    const names = unknown.map(([name]) => name).join(', ');
    complain(at, first[1].key.span, `uses invalid data keys: ${names}`, {
      hint: `Known are: ${known.join(', ')}.`,
    });
  }
  const read: ParsedVariable = {
    value: valueText(node, at),
    expand: readProperty(node, 'expand', boolean, at) ?? true,
    description: descriptionOf(node, at),
    options: readProperty(node, 'options', options, at) ?? null,
    span: node.span,
  };
  if (at.problems.length === before) checkOptions(node, read, at);
  return at.problems.length === before ? read : undefined;
}

/** GitLab's sentences name these properties `config value`, `config expand`, and so on. */
function property(at: Position, name: string): Position {
  return attributeOf(at, `config_${name}`);
}

function written(node: MappingNode, name: string): Node | null {
  const value = node.entries.get(name)?.value;
  return value === undefined || isNull(value) ? null : value;
}

function readProperty<T>(node: MappingNode, name: string, entry: Entry<T>, at: Position): T | undefined {
  const value = written(node, name);
  return value === null ? undefined : entry.read(value, property(at, name));
}

function valueText(node: MappingNode, at: Position): string {
  const value = written(node, 'value');
  if (value === null) return '';
  if (value.kind === 'scalar') return scalarText(value);
  complain(property(at, 'value'), value.span, 'must be a scalar');
  return '';
}

function descriptionOf(node: MappingNode, at: Position): string | null {
  const value = written(node, 'description');
  if (value === null) return null;
  const isWhole = value.kind === 'scalar' && Number.isInteger(value.value);
  if (value.kind === 'scalar' && (isWhole || textOf(value) !== null)) return scalarText(value);
  complain(property(at, 'description'), value.span, 'must be an alphanumeric string');
  return null;
}

/** The value is compared as YAML reads it: the number 1 is none of the texts. */
function checkOptions(node: MappingNode, read: ParsedVariable, at: Position): void {
  if (read.options === null || read.options.length === 0) return;
  const value = written(node, 'value');
  const text = value === null ? null : textOf(value);
  if (text !== null && read.options.includes(text)) return;
  complain(at, (value ?? node).span, 'value must be present in options', {
    hint: `The options are: ${read.options.join(', ')}.`,
  });
}
