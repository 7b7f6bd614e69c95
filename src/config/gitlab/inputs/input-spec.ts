import { compileRegex, type Regex } from '../../../base/regex.ts';
import type { MappingNode, Node, ScalarNode } from '../../document/index.ts';
import { attribute, type Field, into, listOf, record } from '../entries/collections.ts';
import {
  attributeOf,
  childOf,
  complain,
  type Entry,
  locationOf,
  type Position,
  say,
} from '../entries/entry.ts';
import { scalarAsText, text, word } from '../entries/scalars.ts';

export type InputType = 'string' | 'number' | 'boolean' | 'array';

/** What a file's header says about one of its inputs. */
export interface InputSpec {
  readonly name: string;
  readonly key: ScalarNode;
  readonly type: InputType;
  /** null: a value must be given. */
  readonly default: Node | null;
  /** The allowed values as text; null: any. */
  readonly options: readonly string[] | null;
  readonly regex: Regex | null;
}

interface InputKeys {
  default: Node;
  description: string;
  options: readonly string[];
  regex: Regex;
  type: InputType;
  rules: true;
}

const MAX_OPTIONS = 50;

const anything: Entry<Node> = { shape: { type: 'any' }, read: (node) => node };

const fields: { readonly [K in keyof InputKeys]: Field<InputKeys[K]> } = {
  default: attribute(anything),
  description: attribute(scalarAsText('should be a string')),
  options: attribute(
    listOf(scalarAsText('should be an array of strings or numbers'), { maxItems: MAX_OPTIONS }),
  ),
  regex: attribute(
    into(text(), (pattern, at, node) => {
      const compiled = compileRegex(pattern);
      return compiled.ok
        ? compiled.regex
        : complain(at, node.span, 'must be a regular expression with re2 syntax', { hint: compiled.message });
    }),
  ),
  type: attribute(word<InputType>(['string', 'number', 'boolean', 'array'], 'unknown value:')),
  rules: attribute(noRules()),
};

export const inputRecord = record<InputKeys>(fields);

/** Reads `inputs` of a header, by name. */
export function readInputSpecs(node: MappingNode, at: Position): ReadonlyMap<string, InputSpec> {
  const specs = new Map<string, InputSpec>();
  for (const [name, { key, value }] of node.entries) {
    const position = childOf(at, name);
    if (typeof key.value !== 'string') {
      say(position, key.span, `${locationOf(position)} key must be an alphanumeric string`, {
        hint: `YAML reads this key as a ${typeof key.value}; put it in quotes: "${key.source}".`,
      });
      continue;
    }
    const spec = readInputSpec(name, key, value, position);
    if (spec !== undefined) specs.set(name, spec);
  }
  return specs;
}

function readInputSpec(name: string, key: ScalarNode, node: Node, at: Position): InputSpec | undefined {
  if (node.kind === 'scalar' && node.value === null) {
    return { name, key, type: 'string', default: null, options: null, regex: null };
  }
  const read = inputRecord.read(node, at);
  if (read === undefined) return undefined;
  const { values, spanOf } = read;
  const type = values.type ?? 'string';
  if (values.regex !== undefined && type !== 'string') {
    return complain(attributeOf(at, 'regex'), spanOf('regex'), 'can only be used with inputs of type string');
  }
  if (values.options !== undefined && type !== 'string' && type !== 'number') {
    const message = 'can only be used with inputs of type string or number';
    return complain(attributeOf(at, 'options'), spanOf('options'), message);
  }
  return {
    name,
    key,
    type,
    default: values.default ?? null,
    options: values.options ?? null,
    regex: values.regex ?? null,
  };
}

/** Inputs whose options depend on other inputs are newer than what is followed here; said, not skipped. */
function noRules(): Entry<true> {
  return {
    shape: { type: 'any' },
    read: (node, at) =>
      complain(at, node.span, 'are not available yet', {
        code: 'input-rules-not-available',
        hint: 'Use `options` and `default`.',
      }),
  };
}
