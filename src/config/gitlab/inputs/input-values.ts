import { closestTo } from '../../../base/closest.ts';
import type { Problem } from '../../../base/problem.ts';
import { compileRegex } from '../../../base/regex.ts';
import { type Node, problemAt, type Span } from '../../document/index.ts';
import { evaluate, isTruthy, type Value } from '../../expression/index.ts';
import { isNull } from '../entries/collections.ts';
import { coerce } from './coerce.ts';
import { type InputRule, sameValue } from './input-rules.ts';
import type { InputSpec } from './input-spec.ts';
import { textOfInput } from './plain-values.ts';

export interface GivenInputs {
  readonly values: ReadonlyMap<string, Node>;
  /** Where a missing value should have been given; null: it comes from outside, point at the header. */
  readonly span: Span | null;
  /** In front of messages: the included file. */
  readonly prefix: string;
}

/**
 * The values of a file's inputs, each in the type its header asks for: what was given, or the default. Values and
 * defaults are checked alike, a default also when it is not used. What is wrong is one Problem, as in GitLab, that says
 * the first three faults; the result is then null.
 */
export function resolveInputs(
  specs: ReadonlyMap<string, InputSpec>,
  given: GivenInputs,
  problems: Problem[],
): ReadonlyMap<string, Node> | null {
  const faults: InputFault[] = unknownInputs(specs, given);
  const values = new Map<string, Node>();
  const lookup = (name: string): Node | null => given.values.get(name) ?? values.get(name) ?? null;
  for (const spec of specs.values()) {
    const value = resolveOne(spec, given, lookup, faults);
    if (value !== null) values.set(spec.name, value);
  }
  const [first] = faults;
  if (first === undefined) return values;
  problems.push(problemOf(first, faults, given));
  return null;
}

/** What is wrong with one input. */
export interface InputFault {
  readonly code: 'input-missing' | 'input-unknown' | 'input-invalid';
  readonly text: string;
  readonly span: Span;
  readonly hint: string | null;
}

const SHOWN_FAULTS = 3;

function problemOf(first: InputFault, faults: readonly InputFault[], { prefix }: GivenInputs): Problem {
  const text = faults.slice(0, SHOWN_FAULTS).map((fault) => fault.text);
  const more = faults.length > SHOWN_FAULTS ? `And ${faults.length - SHOWN_FAULTS} more. ` : '';
  const message = `${prefix}${text.join(', ')}`;
  const hint = `${more}${first.hint ?? ''}`.trim();
  return problemAt(first.span, { code: first.code, message, hint: hint === '' ? null : hint });
}

function unknownInputs(specs: ReadonlyMap<string, InputSpec>, given: GivenInputs): InputFault[] {
  const unknown = [...given.values].filter(([name]) => !specs.has(name));
  const [first] = unknown;
  if (first === undefined) return [];
  const [name, value] = first;
  const [spec] = specs.values();
  const near = closestTo(name, specs.keys());
  return [
    {
      code: 'input-unknown',
      text: `unknown input arguments: ${unknown.map(([other]) => other).join(', ')}`,
      span: isSomewhere(value.span) ? value.span : (given.span ?? spec?.key.span ?? value.span),
      hint: near === null ? null : `Did you mean \`${near}\`?`,
    },
  ];
}

/** A value from outside the file has no place in it. */
function isSomewhere(span: Span): boolean {
  return span.end > span.start;
}

/** Null stands for no value. `lookup` has the values given, and those found of the inputs before this one. */
function resolveOne(
  spec: InputSpec,
  given: GivenInputs,
  lookup: (name: string) => Node | null,
  faults: InputFault[],
): Node | null {
  const found = given.values.get(spec.name);
  const value = found === undefined || isNull(found) ? null : found;
  const rule = ruleFor(spec, lookup);
  const preset = rule?.default ?? spec.default;
  const options = rule?.options ?? spec.options;
  const place = (node: Node): Span => (isSomewhere(node.span) ? node.span : (given.span ?? spec.key.span));
  if (value === null && preset === null) {
    faults.push({
      code: 'input-missing',
      text: `\`${spec.name}\` input: required value has not been provided`,
      span: given.span ?? spec.key.span,
      hint: 'Give it a value, or a `default` in the header.',
    });
    return null;
  }
  const checked = preset === null ? null : check({ spec, options }, preset, 'default', place(preset), faults);
  return value === null ? checked : check({ spec, options }, value, 'provided', place(value), faults);
}

function ruleFor({ rules }: InputSpec, lookup: (name: string) => Node | null): InputRule | null {
  const inputs = (name: string): Value => expressionValue(lookup(name));
  const holds = (rule: InputRule): boolean =>
    rule.if === null || isTruthy(evaluate(rule.if, () => null, inputs));
  return rules?.find(holds) ?? null;
}

/** Expressions know texts and booleans. */
function expressionValue(node: Node | null): Value {
  if (node === null || isNull(node)) return null;
  return node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : textOfInput(node);
}

interface Checked {
  readonly spec: Pick<InputSpec, 'name' | 'type' | 'regex'>;
  readonly options: readonly Node[] | null;
}

/** The value in its type; null when something is wrong with it, which is added to `faults`. */
export function check(
  { spec, options }: Checked,
  node: Node,
  origin: 'default' | 'provided',
  span: Span,
  faults: InputFault[],
): Node | null {
  const before = faults.length;
  const fault = (text: string, hint: string | null = null): void => {
    faults.push({ code: 'input-invalid', text: `\`${spec.name}\` input: ${text}`, span, hint });
  };
  const typed = coerce(spec.type, node);
  if (typed === null) fault(`${origin} value is not ${TYPE_NAMES[spec.type]}`);
  const value = typed ?? node;
  if (options !== null) {
    const text = optionsFault(spec.type, options, value);
    if (text !== null) fault(text, `The options are: ${options.map(textOfInput).join(', ')}.`);
  }
  if (spec.regex !== null) {
    const text = regexFault(spec.type, spec.regex, value, origin);
    if (text !== null) fault(text, `The pattern is ${spec.regex}`);
  }
  return faults.length === before ? value : null;
}

const TYPE_NAMES = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  array: 'an array',
} as const;

function optionsFault(type: InputSpec['type'], options: readonly Node[], value: Node): string | null {
  const text = textOfInput(value);
  switch (type) {
    case 'boolean':
      return 'Options can only be used with string and number inputs';
    case 'string':
      if (options.some((option) => textOfInput(option) === text)) return null;
      return `\`${text}\` cannot be used because it is not in the list of allowed options`;
    case 'number':
      if (options.some((option) => sameValue(option, value))) return null;
      return `\`${text}\` cannot be used because it is not in the list of the allowed options`;
    case 'array': {
      const items = value.kind === 'sequence' ? value.items : [];
      const missing = items.filter((item) => !options.some((option) => sameValue(option, item)));
      if (missing.length === 0) return null;
      return `${missing.map(textOfInput).join(', ')} cannot be used because it is not in the list of allowed options`;
    }
  }
}

function regexFault(
  type: InputSpec['type'],
  regex: string,
  value: Node,
  origin: 'default' | 'provided',
): string | null {
  if (type !== 'string') return 'RegEx validation can only be used with string inputs';
  const compiled = compileRegex(regex);
  if (!compiled.ok) return 'invalid regular expression';
  if (compiled.regex.test(textOfInput(value))) return null;
  return `${origin} value does not match required RegEx pattern`;
}
