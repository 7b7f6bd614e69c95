import { compileRegex } from '../../../base/regex.ts';
import type { Json } from '../../../pipeline/index.ts';
import { type Node, scalarText, toJson } from '../../document/index.ts';
import { attribute, type Fields, isNull, record } from './collections.ts';
import {
  attributeOf,
  childOf,
  complain,
  complainOf,
  type Entry,
  type Position,
  type Shape,
} from './entry.ts';
import { text, word } from './scalars.ts';

const MAX_INPUTS = 50;
const MAX_OPTIONS = 50;

type InputType = 'array' | 'boolean' | 'number' | 'string';

interface InputKeys {
  default: Node;
  description: string;
  options: readonly Node[];
  regex: string;
  type: InputType;
}

const type = word<InputType>(['array', 'boolean', 'number', 'string'], 'unknown value:');

const input = record<InputKeys>({
  default: attribute({ shape: { type: 'any' }, read: (node) => node }),
  description: attribute(inputPart('description', textOrInteger())),
  options: attribute(inputPart('options', options())),
  regex: attribute(inputPart('regex', text())),
  type: attribute(inputPart('type', type)),
});

/** `inputs` of a job: values that whoever starts it by hand can change, so each has one to begin with. */
export const jobInputs: Entry<Json> = {
  shape: { type: 'map', values: withDefault(input.shape) },
  read(node, at) {
    if (node.kind !== 'mapping') return complain(at, node.span, 'should be a hash');
    const found: [string, Json][] = [];
    for (const [name, { value }] of node.entries) {
      const fields = inputOf(name, value, childOf(at, name), at);
      if (fields !== undefined) found.push([name, { ...fields }]);
    }
    if (node.entries.size > MAX_INPUTS) {
      return complain(asAttribute(at), node.span, `has too many entries (maximum ${MAX_INPUTS})`);
    }
    return found.length === node.entries.size ? Object.fromEntries(found) : undefined;
  },
};

/** The input as it is written, with its type. */
function inputOf(
  name: string,
  node: Node,
  at: Position,
  inputs: Position,
): Readonly<Record<string, Json>> | undefined {
  const fields = isNull(node) ? { values: {}, spanOf: () => node.span } : input.read(node, at);
  if (fields === undefined) return undefined;
  const { default: value, type = 'string' } = fields.values;
  if (value === undefined) return complainOf(at, node.span, 'must have a default value');
  const fault = defaultFault(value, fields.values);
  if (fault !== null) return complain(asAttribute(inputs), value.span, `\`${name}\`: ${fault}`);
  const written = node.kind === 'mapping' ? [...node.entries] : [];
  return { ...Object.fromEntries(written.map(([key, entry]) => [key, toJson(entry.value)])), type };
}

function defaultFault(node: Node, spec: Fields<InputKeys>['values']): string | null {
  const { type = 'string', options, regex } = spec;
  if (type === 'string') return textFault(asText(node), spec);
  const value = parsedValue(node);
  if (type === 'array' ? !Array.isArray(value) : typeof value !== type) {
    return `default value is not ${type === 'array' ? 'an' : 'a'} ${type}`;
  }
  if (options !== undefined && type !== 'number')
    return 'Options can only be used with string and number inputs';
  if (options?.every((option) => toJson(option) !== value)) {
    return `\`${asText(node)}\` cannot be used because it is not in the list of the allowed options`;
  }
  return regex === undefined ? null : 'RegEx validation can only be used with string inputs';
}

function textFault(value: string, { options, regex }: Fields<InputKeys>['values']): string | null {
  if (options?.every((option) => asText(option) !== value)) {
    return `\`${value}\` cannot be used because it is not in the list of allowed options`;
  }
  const compiled = regex === undefined ? null : compileRegex(regex);
  if (compiled?.ok === false) return 'invalid regular expression';
  return compiled === null || compiled.regex.test(value)
    ? null
    : 'default value does not match required RegEx pattern';
}

/** Text is read as JSON where another type is asked for, as it is when a value comes from a form. */
function parsedValue(node: Node): unknown {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return toJson(node);
  try {
    return JSON.parse(node.value);
  } catch {
    return node.value; // Not JSON: then it is the text it is.
  }
}

function asText(node: Node): string {
  return node.kind === 'scalar' ? scalarText(node) : JSON.stringify(toJson(node));
}

/** GitLab speaks of `input type` where the key is `type`. */
function inputPart<T>(key: string, entry: Entry<T>): Entry<T> {
  return {
    shape: entry.shape,
    read: (node, at) => entry.read(node, attributeOf(at.parent ?? at, `input_${key}`)),
  };
}

function textOrInteger(): Entry<string> {
  return {
    shape: { type: 'one-of', choices: [{ type: 'string' }, { type: 'integer' }] },
    read: (node, at) =>
      node.kind === 'scalar' && (typeof node.value === 'string' || Number.isInteger(node.value))
        ? scalarText(node)
        : complain(at, node.span, 'must be an alphanumeric string'),
  };
}

function options(): Entry<readonly Node[]> {
  return {
    shape: { type: 'list', items: { type: 'any' }, maxItems: MAX_OPTIONS },
    read(node, at) {
      if (node.kind !== 'sequence') return complain(at, node.span, 'should be an array');
      const whole = at.parent ?? at;
      if (node.items.length > MAX_OPTIONS) {
        return complain(whole, node.span, `cannot define more than ${MAX_OPTIONS} options`);
      }
      const blank = node.items.find(isNull);
      return blank === undefined
        ? node.items
        : complain(whole, blank.span, 'options array cannot contain null values');
    },
  };
}

/** Of the whole keyword the job speaks itself: `jobs:build inputs …`. */
function asAttribute(at: Position): Position {
  return at.parent === null ? at : attributeOf(at.parent, at.key);
}

function withDefault(shape: Shape): Shape {
  return shape.type === 'record' ? { ...shape, required: ['default'] } : shape;
}
