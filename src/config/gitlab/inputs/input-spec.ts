import type { MappingNode, Node, ScalarNode } from '../../document/index.ts';
import { isNull, unknownKey } from '../entries/collections.ts';
import {
  attributeOf,
  childOf,
  complain,
  locationOf,
  type Position,
  type Shape,
  say,
} from '../entries/entry.ts';
import { textOf } from '../entries/scalars.ts';
import { checkInputRules, type InputRule, MAX_OPTIONS, readInputRules } from './input-rules.ts';
import { textOfInput } from './plain-values.ts';

export const INPUT_TYPES = ['array', 'boolean', 'number', 'string'] as const;

export type InputType = (typeof INPUT_TYPES)[number];

/** What is said about an input. Whether its default and its options go together is found when it gets its value. */
export interface InputSpec {
  readonly name: string;
  readonly key: ScalarNode;
  readonly type: InputType;
  /** null: there is none, so a value must be given. A default that says null is a node like others. */
  readonly default: Node | null;
  readonly options: readonly Node[] | null;
  /** RE2; whether it is one is found when it is used. */
  readonly regex: string | null;
  /** Options and default that depend on other inputs; null: no `rules` are written. */
  readonly rules: readonly InputRule[] | null;
}

const anyList: Shape = { type: 'list', items: { type: 'any' }, maxItems: MAX_OPTIONS };

/** What one input of a header may look like. */
export const inputShape: Shape = {
  type: 'record',
  fields: {
    default: { type: 'any' },
    description: { type: 'one-of', choices: [{ type: 'string' }, { type: 'integer' }] },
    options: anyList,
    regex: { type: 'string' },
    type: { type: 'enum', values: INPUT_TYPES },
    rules: {
      type: 'list',
      items: {
        type: 'record',
        fields: {
          if: { type: 'string', description: 'an expression over $[[ inputs.NAME ]]' },
          options: anyList,
          default: { type: 'any' },
        },
      },
    },
  },
};

/** The keys of an input that `spec:inputs` and a job's `inputs` share. */
const KEYS = ['default', 'description', 'options', 'regex', 'type'] as const;
const HEADER_KEYS = [...KEYS, 'rules'];

/** Reads `inputs` of a header, by name. */
export function readInputSpecs(node: MappingNode, at: Position): ReadonlyMap<string, InputSpec> {
  const specs = new Map<string, InputSpec>();
  for (const [name, { key, value }] of node.entries) {
    const spec = readInputSpec(key, value, childOf(at, name), HEADER_KEYS);
    if (spec !== undefined) specs.set(name, spec);
  }
  checkInputRules(specs, at);
  return specs;
}

/** Reads one input; undefined when something is wrong with it. */
export function readInputSpec(
  key: ScalarNode,
  node: Node,
  at: Position,
  known: readonly string[] = KEYS,
): InputSpec | undefined {
  const before = at.problems.length;
  if (node.kind !== 'mapping' && !isNull(node)) return complain(at, node.span, 'should be a hash');
  const entries: MappingNode['entries'] = node.kind === 'mapping' ? node.entries : new Map();
  checkKeys(key, node, at, known);
  const value = (name: string): Node | null => {
    const found = entries.get(name)?.value;
    return found === undefined || isNull(found) ? null : found;
  };
  const rules = value('rules');
  const spec: InputSpec = {
    name: at.key,
    key,
    type: typeOf(value('type'), at),
    default: entries.get('default')?.value ?? null,
    options: optionsOf(value('options'), at),
    regex: regexOf(value('regex'), at),
    rules: rules === null ? null : (readInputRules(rules, at) ?? []),
  };
  checkDescription(value('description'), at);
  return at.problems.length === before ? spec : undefined;
}

function checkKeys(key: ScalarNode, node: Node, at: Position, known: readonly string[]): void {
  if (typeof key.value !== 'string' && !Number.isInteger(key.value)) {
    say(at, key.span, `${locationOf(at)} key must be an alphanumeric string`, {
      hint: `YAML reads this key as a ${typeof key.value}; put it in quotes: "${key.source}".`,
    });
  }
  if (node.kind !== 'mapping') return;
  for (const [name, entry] of node.entries) {
    if (!known.includes(name)) unknownKey(at, entry.key, name, known);
  }
  for (const other of ['options', 'default']) {
    const second = node.entries.get(other);
    if (second === undefined || !node.entries.has('rules')) continue;
    const both = [...node.entries.keys()].filter((name) => name === 'rules' || name === other);
    complain(at, second.key.span, `these keys cannot be used together: ${both.join(', ')}`, {
      code: 'keywords-conflict',
      hint: 'A rule without `if` says what holds otherwise.',
    });
  }
}

/** GitLab's sentences name these properties `input type`, `input options`, and so on. */
function property(at: Position, name: string): Position {
  return attributeOf(at, `input_${name}`);
}

function typeOf(node: Node | null, at: Position): InputType {
  if (node === null) return 'string';
  const written = textOfInput(node);
  const known = INPUT_TYPES.find((type) => type === written);
  if (known !== undefined) return known;
  complain(property(at, 'type'), node.span, `unknown value: ${written}`, {
    hint: `Known are: ${INPUT_TYPES.join(', ')}.`,
  });
  return 'string';
}

function optionsOf(node: Node | null, at: Position): readonly Node[] | null {
  if (node === null) return null;
  if (node.kind !== 'sequence') {
    complain(property(at, 'options'), node.span, 'should be an array');
    return null;
  }
  const excess = node.items[MAX_OPTIONS];
  if (excess !== undefined) complain(at, excess.span, `cannot define more than ${MAX_OPTIONS} options`);
  const nothing = node.items.find(isNull);
  if (nothing !== undefined) complain(at, nothing.span, 'options array cannot contain null values');
  return node.items;
}

function regexOf(node: Node | null, at: Position): string | null {
  if (node === null) return null;
  const text = textOf(node);
  if (text === null) complain(property(at, 'regex'), node.span, 'should be a string');
  return text;
}

function checkDescription(node: Node | null, at: Position): void {
  if (node === null || textOf(node) !== null) return;
  if (node.kind === 'scalar' && Number.isInteger(node.value)) return;
  complain(property(at, 'description'), node.span, 'must be an alphanumeric string');
}
