import type { Expression } from './ast.ts';
import { fault, lex, type SyntaxFault, type Token } from './lex.ts';

export type ParseResult = { readonly ok: true; readonly expression: Expression } | SyntaxFault;

/**
 * Parses an expression. `!` binds tighter than the comparisons, they tighter than `&&`, that tighter than `||`; all
 * associate to the left. Never throws; the same text is parsed once.
 */
export function parseExpression(text: string): ParseResult {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const result = parse(text);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, result);
  return result;
}

const CACHE_LIMIT = 10_000;
const cache = new Map<string, ParseResult>();

function parse(text: string): ParseResult {
  const lexed = lex(text);
  if (!lexed.ok) return lexed;
  const reader: Reader = { tokens: lexed.tokens, at: 0, end: text.length };
  const result = parseBinary(reader, LOOSEST);
  if (!result.ok) return result;
  const rest = reader.tokens[reader.at];
  if (rest === undefined) return result;
  return rest.kind === 'close'
    ? fault('this parenthesis was never opened', rest.start, rest.end)
    : fault('an operator is missing before this', rest.start, rest.end);
}

/** A position in the tokens. The lexer's limit of tokens also bounds the depth of the recursion below. */
interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  readonly end: number;
}

const PRECEDENCE = { '||': 1, '&&': 2, '==': 3, '!=': 3, '=~': 3, '!~': 3 } as const;
const LOOSEST = 1;

function parseBinary(reader: Reader, loosest: number): ParseResult {
  let left = parseUnary(reader);
  while (left.ok) {
    const token = reader.tokens[reader.at];
    if (token?.kind !== 'operator' || token.operator === '!') return left;
    const { operator } = token;
    const precedence = PRECEDENCE[operator];
    if (precedence < loosest) return left;
    reader.at += 1;
    const right = parseBinary(reader, precedence + 1);
    if (!right.ok) return right;
    left = { ok: true, expression: join(operator, left.expression, right.expression) };
  }
  return left;
}

function join(operator: keyof typeof PRECEDENCE, left: Expression, right: Expression): Expression {
  const { start } = left;
  const { end } = right;
  return operator === '&&' || operator === '||'
    ? { kind: 'logical', operator, left, right, start, end }
    : { kind: 'comparison', operator, left, right, start, end };
}

function parseUnary(reader: Reader): ParseResult {
  const token = reader.tokens[reader.at];
  if (token === undefined) return fault('a value is missing at the end', reader.end, reader.end);
  if (token.kind === 'operand') {
    reader.at += 1;
    return { ok: true, expression: token.operand };
  }
  if (token.kind === 'open') return parseGroup(reader, token);
  if (token.kind === 'operator' && token.operator === '!') {
    reader.at += 1;
    const operand = parseUnary(reader);
    if (!operand.ok) return operand;
    const { end } = operand.expression;
    return { ok: true, expression: { kind: 'not', operand: operand.expression, start: token.start, end } };
  }
  return fault('a value is missing before this', token.start, token.end);
}

function parseGroup(reader: Reader, open: Token): ParseResult {
  reader.at += 1;
  const inner = parseBinary(reader, LOOSEST);
  if (!inner.ok) return inner;
  const close = reader.tokens[reader.at];
  if (close === undefined) return fault('this parenthesis is not closed', open.start, open.end);
  if (close.kind !== 'close') return fault('an operator is missing before this', close.start, close.end);
  reader.at += 1;
  return { ok: true, expression: { ...inner.expression, start: open.start, end: close.end } };
}
