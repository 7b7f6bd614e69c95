import { parseDuration } from '../../../base/duration.ts';
import { type Node, scalarText } from '../../document/index.ts';
import { parseExpression } from '../../expression/index.ts';
import { complain, type Entry, type Shape } from './entry.ts';

/** Text, and nothing that YAML takes for a number or a boolean. */
export function text(options: TextOptions = {}): Entry<string> {
  const { maxLength } = options;
  const message = options.message ?? 'should be a string';
  return {
    shape: {
      type: 'string',
      ...(options.blank === false ? { minLength: 1 } : {}),
      ...(maxLength === undefined ? {} : { maxLength }),
    },
    read(node, at) {
      const value = textOf(node);
      if (value === null) return complain(at, node.span, message, { hint: quoteHint(node) });
      if (options.blank === false && isBlank(value)) return complain(at, node.span, "can't be blank");
      if (maxLength !== undefined && value.length > maxLength) {
        return complain(at, node.span, `is too long (maximum is ${maxLength} characters)`);
      }
      return value;
    },
  };
}

interface TextOptions {
  readonly maxLength?: number;
  readonly message?: string;
  /** False: an empty text, or one of white space only, is an error. */
  readonly blank?: boolean;
}

/** The same text, whose shape tells what it must match: for one that is checked, in other words, by who asks for it. */
export function matching(pattern: RegExp, entry: Entry<string>): Entry<string> {
  const { shape } = entry;
  return { ...entry, shape: shape.type === 'string' ? { ...shape, pattern: pattern.source } : shape };
}

/** Nothing, or nothing but white space. */
export function isBlank(value: string): boolean {
  return value.trim() === '';
}

/** Any single value, as the text it stands for (`1`, `true`; null is empty): what a variable can hold. */
export function scalarAsText(message: string): Entry<string> {
  return {
    shape: { type: 'one-of', choices: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    read: (node, at) => (node.kind === 'scalar' ? scalarText(node) : complain(at, node.span, message)),
  };
}

export const boolean: Entry<boolean> = {
  shape: { type: 'boolean' },
  read: (node, at) =>
    node.kind === 'scalar' && typeof node.value === 'boolean'
      ? node.value
      : complain(at, node.span, 'should be a boolean value'),
};

export function integer(minimum: number, maximum: number, message = 'should be an integer'): Entry<number> {
  return {
    shape: { type: 'integer', minimum, maximum },
    read(node, at) {
      const value = integerOf(node);
      if (value === null) return complain(at, node.span, message);
      if (value > maximum) return complain(at, node.span, `must be less than or equal to ${maximum}`);
      if (value < minimum) return complain(at, node.span, `must be greater than or equal to ${minimum}`);
      return value;
    },
  };
}

/**
 * One of a few words; `message` is GitLab's sentence, or how it starts when it ends with `:`. With a whole sentence,
 * what is no text at all is told so first, as in GitLab.
 */
export function word<W extends string>(
  values: readonly W[],
  message = `should be one of: ${values.join(', ')}`,
): Entry<W> {
  return {
    shape: { type: 'enum', values },
    read(node, at) {
      const given = node.kind === 'scalar' ? scalarText(node) : null;
      const found = values.find((value) => value === given);
      if (found !== undefined) return found;
      if (!message.endsWith(':') && textOf(node) === null) {
        return complain(at, node.span, 'should be a string', { hint: `It ${message}.` });
      }
      const shown = message.endsWith(':') ? `${message} ${given ?? `a ${node.kind}`}` : message;
      const hint = message.endsWith(':') ? `Known are: ${values.join(', ')}.` : null;
      return complain(at, node.span, shown, { hint });
    },
  };
}

const DURATION: Shape = { type: 'string', description: 'a duration, such as "3h 30m"' };

/** A duration in seconds, written as text: `3h 30m`. GitLab refuses an unquoted number here, so we do. */
export function duration(limitSeconds: number, options: DurationOptions = {}): Entry<number> {
  return {
    shape: options.numbers === true ? { type: 'one-of', choices: [DURATION, { type: 'number' }] } : DURATION,
    read(node, at) {
      const value =
        options.numbers === true && node.kind === 'scalar' && typeof node.value === 'number'
          ? String(node.value)
          : textOf(node);
      const seconds = value === null ? null : parseDuration(value);
      if (seconds === null) {
        return complain(at, node.span, 'should be a duration', { hint: durationHint(node) });
      }
      if (seconds > limitSeconds) return complain(at, node.span, 'should not exceed the limit');
      return seconds;
    },
  };
}

interface DurationOptions {
  /** A plain number is seconds. */
  readonly numbers?: boolean;
}

/** A duration or `never`, kept as it is written; with `variables` also a text that has one. */
export function durationText({ variables = false } = {}): Entry<string> {
  return {
    shape: { type: 'string', description: `a duration${variables ? ', a variable' : ''} or never` },
    read(node, at) {
      const value = textOf(node);
      const fine =
        value !== null &&
        (/^never$/i.test(value) || (variables && /[$%]/.test(value)) || parseDuration(value) !== null);
      return fine ? value : complain(at, node.span, 'should be a duration', { hint: durationHint(node) });
    },
  };
}

/** An expression of `rules:if`, kept as text after its syntax is checked. */
export const expression: Entry<string> = {
  shape: { type: 'string', description: 'an expression over $VARIABLES' },
  read(node, at) {
    const value = textOf(node);
    if (value === null) {
      return complain(at, node.span, 'invalid expression syntax', {
        code: 'invalid-expression',
        hint: quoteHint(node) ?? 'An expression is text, such as `$CI_COMMIT_BRANCH == "main"`.',
      });
    }
    const parsed = parseExpression(value);
    if (parsed.ok) return value;
    return complain(at, expressionSpan(node, value, parsed), 'invalid expression syntax', {
      code: 'invalid-expression',
      hint: `In \`${value.length > 60 ? `${value.slice(0, 60)}…` : value}\`: ${parsed.message}`,
    });
  },
};

/** Narrows to the wrong part where the text stands in the file as it is, without escapes or folding. */
function expressionSpan(node: Node, value: string, part: { readonly start: number; readonly end: number }) {
  const { span } = node;
  const written = span.file.text.slice(span.start, span.end);
  const offset = written.indexOf(value);
  if (offset < 0) return span;
  const start = span.start + offset;
  return { file: span.file, start: start + part.start, end: start + Math.max(part.end, part.start + 1) };
}

export function textOf(node: Node): string | null {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

export function integerOf(node: Node): number | null {
  return node.kind === 'scalar' && typeof node.value === 'number' && Number.isInteger(node.value)
    ? node.value
    : null;
}

/** Most often a person meant text and YAML read something else. */
export function quoteHint(node: Node): string | null {
  if (node.kind === 'mapping' && node.entries.size === 1) {
    return 'A `: ` makes this a mapping; put the whole text in quotes when it is meant as text.';
  }
  if (node.kind !== 'scalar' || node.quoted || node.value === null) return null;
  return `YAML reads this as a ${typeof node.value}; write "${node.source}" to mean the text.`;
}

function durationHint(node: Node): string | null {
  if (node.kind !== 'scalar' || typeof node.value !== 'number') return 'For example "3h 30m" or "2 days".';
  return `A plain number is not a duration; write "${node.source} seconds" or "${node.source} minutes".`;
}
