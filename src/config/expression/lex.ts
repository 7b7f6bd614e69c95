import { compileRegex, parseRegexLiteral } from '../../base/regex.ts';
import type { ComparisonOperator, Operand } from './ast.ts';

export type Token =
  | { readonly kind: 'operand'; readonly operand: Operand; readonly start: number; readonly end: number }
  | {
      readonly kind: 'operator';
      readonly operator: ComparisonOperator | '&&' | '||' | '!';
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'open' | 'close'; readonly start: number; readonly end: number };

export interface SyntaxFault {
  readonly ok: false;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export type LexResult = { readonly ok: true; readonly tokens: readonly Token[] } | SyntaxFault;

/** GitLab gives up at the hundredth token. */
const MAX_TOKENS = 99;

/** Splits an expression into tokens, or says where and why that is not possible. */
export function lex(text: string): LexResult {
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    if ('ok' in token) return token;
    tokens.push(token);
    if (tokens.length > MAX_TOKENS) {
      return fault(`an expression has at most ${MAX_TOKENS} parts`, token.start, text.length);
    }
    at = skipSpace(text, token.end);
  }
  return { ok: true, tokens };
}

const SPACE = /\s*/y;
const PARENTHESIS = /[()]/y;
const INPUT = /\$\[\[\s*inputs\.(\w+)\s*\]\]/y;
const VARIABLE = /\$(\w+)/y;
const STRING = /"(.*?)"|'(.*?)'/y;
/** At least two characters, the last one before the slash no backslash; a slash inside is written `\/`. */
const PATTERN = /\/(?:[^/]|\\\/)+[^\\]\/[ismU]*/y;
const NULL = /null/y;
const BOOLEAN = /\b(?:true|false)\b/y;
const OPERATOR = /==|=~|!=|!~|&&|\|\||!/y;

/** The order decides, as in GitLab: what stands first and matches is the token. */
function readToken(text: string, start: number): Token | SyntaxFault {
  const parenthesis = read(PARENTHESIS, text, start);
  if (parenthesis !== null) return { kind: parenthesis[0] === '(' ? 'open' : 'close', start, end: start + 1 };

  const input = read(INPUT, text, start);
  if (input !== null) return operand(input, start, { kind: 'input', name: input[1] ?? '' });

  const variable = read(VARIABLE, text, start);
  if (variable !== null) return operand(variable, start, { kind: 'variable', name: variable[1] ?? '' });

  const string = read(STRING, text, start);
  if (string !== null) return operand(string, start, { kind: 'string', value: string[1] ?? string[2] ?? '' });

  const pattern = read(PATTERN, text, start);
  if (pattern !== null) return readPattern(pattern[0], start);

  const nothing = read(NULL, text, start);
  if (nothing !== null) return operand(nothing, start, { kind: 'null' });

  const boolean = read(BOOLEAN, text, start);
  if (boolean !== null) return operand(boolean, start, { kind: 'boolean', value: boolean[0] === 'true' });

  const symbol = read(OPERATOR, text, start);
  if (symbol !== null) {
    const operator = OPERATORS.find((candidate) => candidate === symbol[0]) ?? '!';
    return { kind: 'operator', operator, start, end: start + symbol[0].length };
  }
  return unknownToken(text, start);
}

const OPERATORS = ['==', '=~', '!=', '!~', '&&', '||', '!'] as const;

type WithoutPlace<T> = T extends Operand ? Omit<T, 'start' | 'end'> : never;

function operand(match: RegExpExecArray, start: number, value: WithoutPlace<Operand>): Token {
  const end = start + match[0].length;
  return { kind: 'operand', operand: { ...value, start, end }, start, end };
}

function readPattern(written: string, start: number): Token | SyntaxFault {
  const end = start + written.length;
  const literal = parseRegexLiteral(written.replaceAll('\\/', '/'));
  if (literal === null) return fault('a pattern must stand on one line', start, end);
  const compiled = compileRegex(literal.pattern, literal.flags);
  if (!compiled.ok) return fault(`the pattern is no RE2 expression: ${compiled.message}`, start, end);
  return {
    kind: 'operand',
    operand: { kind: 'pattern', regex: compiled.regex, start, end },
    start,
    end,
  };
}

function unknownToken(text: string, start: number): SyntaxFault {
  const word = /^[^\s()"'$&|=!~]+/.exec(text.slice(start))?.[0];
  switch (text[start]) {
    case '$': {
      const braces = /^\$\{(\w+)\}/.exec(text.slice(start));
      if (braces === null) return fault('a variable is written $NAME', start, start + 1);
      return fault(`write $${braces[1]} without braces`, start, start + braces[0].length);
    }
    case '"':
    case "'":
      return fault('the quote is not closed', start, text.length);
    case '/':
      return fault(
        'a pattern is written /…/ with at least two characters between the slashes',
        start,
        start + 1,
      );
    case '=':
      return fault('to compare, write == or =~', start, start + 1);
    case '&':
    case '|':
      return fault(`write ${text[start]}${text[start]}`, start, start + 1);
    default:
      if (word === undefined) return fault(`"${text[start]}" means nothing here`, start, start + 1);
      return fault(`put quotes around ${word}, or write $${word} for a variable`, start, start + word.length);
  }
}

export function fault(message: string, start: number, end: number): SyntaxFault {
  return { ok: false, message, start, end };
}

function skipSpace(text: string, at: number): number {
  return at + (read(SPACE, text, at)?.[0].length ?? 0);
}

function read(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
