import { closestTo } from '../../../base/closest.ts';
import type { Problem } from '../../../base/problem.ts';
import {
  type MappingEntry,
  type Node,
  problemAt,
  type Scalar,
  type Span,
  scalarText,
  toJson,
} from '../../document/index.ts';
import type { InputSpec } from './input-spec.ts';

export interface GivenInputs {
  readonly values: ReadonlyMap<string, Node>;
  /** Where a missing value should have been given; null: it comes from outside, point at the header. */
  readonly span: Span | null;
  /** In front of messages: the included file. */
  readonly prefix: string;
}

/**
 * The values of a file's inputs, each in the type its header asks for: what was given, or the default. What is wrong
 * is added to `problems`, and the result is null.
 */
export function resolveInputs(
  specs: ReadonlyMap<string, InputSpec>,
  given: GivenInputs,
  problems: Problem[],
): ReadonlyMap<string, Node> | null {
  const before = problems.length;
  reportUnknown(specs, given, problems);
  const values = new Map<string, Node>();
  for (const spec of specs.values()) {
    const value = given.values.get(spec.name) ?? null;
    const source = value ?? spec.default;
    if (source === null) {
      report(spec, given.span ?? spec.key.span, 'required value has not been provided', given, problems, {
        code: 'input-missing',
        hint: 'Give it a value, or a `default` in the header.',
      });
      continue;
    }
    const typed = typedValue(spec, source, value === null ? 'default' : 'provided', given, problems);
    if (typed !== null) values.set(spec.name, typed);
  }
  return problems.length === before ? values : null;
}

function typedValue(
  spec: InputSpec,
  source: Node,
  origin: 'default' | 'provided',
  given: GivenInputs,
  problems: Problem[],
): Node | null {
  const span = source.span.end > source.span.start ? source.span : (given.span ?? spec.key.span);
  const typed = convert(spec, source);
  if (typed === null) {
    report(spec, span, `${origin} value is not ${TYPE_NAMES[spec.type]}`, given, problems);
    return null;
  }
  const written = textOfInput(typed);
  if (spec.options !== null && !spec.options.includes(written)) {
    const message = `\`${written}\` cannot be used because it is not in the list of allowed options`;
    report(spec, span, message, given, problems, { hint: `The options are: ${spec.options.join(', ')}.` });
    return null;
  }
  if (spec.regex !== null && !spec.regex.test(written)) {
    const message = `${origin} value does not match required RegEx pattern`;
    report(spec, span, message, given, problems, { hint: `The pattern is ${spec.regex.source}` });
    return null;
  }
  return typed;
}

const TYPE_NAMES = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  array: 'an array',
} as const;

/** Text given for another type is read as JSON: forms, the command line and APIs have nothing but text. */
function convert({ type }: InputSpec, source: Node): Node | null {
  switch (type) {
    case 'string':
      return source.kind === 'scalar' ? textNode(scalarText(source), source.span) : null;
    case 'array': {
      if (source.kind === 'sequence') return source;
      const parsed = jsonIn(source);
      return Array.isArray(parsed) ? nodeOf(parsed, source.span) : null;
    }
    default: {
      if (source.kind !== 'scalar') return null;
      const value: unknown = typeof source.value === 'string' ? jsonIn(source) : source.value;
      return typeof value === type ? nodeOf(value, source.span) : null;
    }
  }
}

function jsonIn(node: Node): unknown {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return null;
  try {
    return JSON.parse(node.value);
  } catch {
    return null; // Not JSON: then it has not the type that was asked for.
  }
}

/** How a value is written inside a longer text. */
export function textOfInput(node: Node): string {
  return node.kind === 'scalar' ? scalarText(node) : JSON.stringify(toJson(node));
}

export function textNode(value: string, span: Span): Node {
  return { kind: 'scalar', value, source: value, quoted: true, span };
}

/** A plain value as a tree, all of it at one place. Values that JSON does not have become null. */
export function nodeOf(value: unknown, span: Span): Node {
  if (Array.isArray(value)) {
    return { kind: 'sequence', items: value.map((item) => nodeOf(item, span)), span };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = new Map<string, MappingEntry>();
    for (const [name, item] of Object.entries(value)) {
      const key = { kind: 'scalar', value: name, source: name, quoted: true, span } as const;
      entries.set(name, { key, value: nodeOf(item, span), via: [] });
    }
    return { kind: 'mapping', entries, span };
  }
  const scalar: Scalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const quoted = typeof scalar === 'string';
  return { kind: 'scalar', value: scalar, source: scalar === null ? '' : String(scalar), quoted, span };
}

/** A suggestion looks at every input; thousands of them would be worse than none. */
const MAX_SUGGESTIONS = 5;

function reportUnknown(specs: ReadonlyMap<string, InputSpec>, given: GivenInputs, problems: Problem[]): void {
  for (const [name, value] of given.values) {
    if (specs.has(name)) continue;
    const [first] = specs.values();
    const span =
      value.span.end > value.span.start ? value.span : (given.span ?? first?.key.span ?? value.span);
    const near = problems.length < MAX_SUGGESTIONS ? closestTo(name, specs.keys()) : null;
    problems.push(
      problemAt(span, {
        code: 'input-unknown',
        message: `${given.prefix}unknown input arguments: ${name}`,
        hint: near === null ? null : `Did you mean \`${near}\`?`,
      }),
    );
  }
}

function report(
  spec: InputSpec,
  span: Span,
  text: string,
  given: GivenInputs,
  problems: Problem[],
  details: { readonly code?: string; readonly hint?: string } = {},
): void {
  const message = `${given.prefix}\`${spec.name}\` input: ${text}`;
  problems.push(problemAt(span, { code: 'input-invalid', ...details, message }));
}
