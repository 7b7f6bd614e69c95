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

export type Shape =
  | { readonly type: 'any' }
  | { readonly type: 'string'; readonly description?: string; readonly maxLength?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'integer'; readonly minimum?: number; readonly maximum?: number }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'list'; readonly items: Shape; readonly maxItems?: number; readonly nested?: boolean }
  | { readonly type: 'record'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly type: 'map'; readonly values: Shape }
  | { readonly type: 'one-of'; readonly choices: readonly Shape[] };

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
  say(at, span, `${locationOf(at)} ${property} ${text}`, details);
  return undefined;
}

/** Reports a whole sentence. */
export function say(
  at: Position,
  span: Span,
  message: string,
  details: Partial<ProblemDetails> = {},
): undefined {
  at.problems.push(problemAt(span, { code: 'invalid-keyword', ...details, message }));
  return undefined;
}
