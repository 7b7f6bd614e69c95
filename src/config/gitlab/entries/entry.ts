import type { Problem } from '../../../base/problem.ts';
import { type Node, type ProblemDetails, problemAt, type Span } from '../../document/index.ts';

/**
 * How one keyword's value is read: from a node to a typed value, once. What is wrong with it is reported at its
 * position, and the answer is undefined. `shape` says the same as data, for whoever describes the language (a JSON
 * Schema, completion).
 */
export interface Entry<T> {
  readonly shape: Shape;
  readonly read: (node: Node, at: Position) => T | undefined;
}

/**
 * What a value may look like. What a shape cannot say (a duration that is too long, a name that is not known) is left to
 * the reading; what it says is never stricter than the reading.
 */
export type Shape =
  /** Nothing is checked. */
  | { readonly type: 'any' }
  | {
      readonly type: 'string';
      readonly description?: string;
      readonly minLength?: number;
      readonly maxLength?: number;
      /** A regular expression that the text must match. */
      readonly pattern?: string;
    }
  | { readonly type: 'boolean' }
  | { readonly type: 'integer'; readonly minimum?: number; readonly maximum?: number }
  | { readonly type: 'number' }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | {
      readonly type: 'list';
      readonly items: Shape;
      readonly minItems?: number;
      readonly maxItems?: number;
      readonly nested?: boolean;
    }
  | RecordShape
  /** `keys` is a regular expression for the names. */
  | { readonly type: 'map'; readonly values: Shape; readonly keys?: string; readonly minItems?: number }
  | { readonly type: 'one-of'; readonly choices: readonly Shape[] };

export interface RecordShape {
  readonly type: 'record';
  readonly fields: Readonly<Record<string, Shape>>;
  /** Keys that must be there. */
  readonly required?: readonly string[];
  /** Exactly one of these must be there. */
  readonly oneOf?: readonly string[];
  /** Of each of these groups at most one may be there. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Other keys are let through unchecked. */
  readonly open?: boolean;
}

/**
 * Where in the configuration a value stands, as messages name it. A `child` is a keyword of its own
 * (`jobs:build:cache config …`), an `attribute` a property that its keyword reports (`jobs:build:cache when …`).
 */
export interface Position {
  readonly parent: Position | null;
  readonly key: string;
  readonly kind: 'child' | 'attribute';
  readonly problems: Problem[];
}

/** Above all keywords: its children are named by their own name alone. */
export function rootPosition(problems: Problem[]): Position {
  return { parent: null, key: '', kind: 'child', problems };
}

export function childOf(parent: Position, key: string): Position {
  return { parent, key, kind: 'child', problems: parent.problems };
}

export function attributeOf(parent: Position, key: string): Position {
  return { parent, key, kind: 'attribute', problems: parent.problems };
}

/** `jobs:build:cache` */
export function locationOf({ parent, key, kind }: Position): string {
  const before = parent === null ? '' : locationOf(parent);
  if (kind === 'attribute') return before;
  return before === '' ? key : `${before}:${key}`;
}

/** Reports an error `LOCATION config TEXT` or `LOCATION ATTRIBUTE TEXT`, and answers "no value". */
export function complain(
  at: Position,
  span: Span,
  text: string,
  details: Partial<ProblemDetails> = {},
): undefined {
  const property = at.kind === 'attribute' ? at.key.replaceAll('_', ' ') : 'config';
  return say(at, span, `${locationOf(at)} ${property} ${text}`, details, `${property} ${text}`);
}

/** Reports an error `LOCATION TEXT`: some of GitLab's sentences go without the word `config`. */
export function complainOf(
  at: Position,
  span: Span,
  text: string,
  details: Partial<ProblemDetails> = {},
): undefined {
  return say(at, span, `${locationOf(at)} ${text}`, details, text);
}

/**
 * Reports a whole sentence. Jobs that take the same faulty value from a template or an anchor would all report it:
 * what has the same `sameAs` at the same place is said for the first of them only.
 */
export function say(
  at: Position,
  span: Span,
  message: string,
  details: Partial<ProblemDetails> = {},
  sameAs = message,
): undefined {
  const key = `${span.file.name}\0${span.start}\0${span.end}\0${sameAs}`;
  const before = said.get(at.problems) ?? new Set();
  said.set(at.problems, before);
  if (before.has(key)) return undefined;
  before.add(key);
  at.problems.push(problemAt(span, { code: 'invalid-keyword', ...details, message }));
  return undefined;
}

const said = new WeakMap<readonly Problem[], Set<string>>();
