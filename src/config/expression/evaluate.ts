import type { VariableLookup } from '../../base/expand-variables.ts';
import { compileRegex, parseRegexLiteral, type Regex } from '../../base/regex.ts';
import type { ComparisonExpression, Expression } from './ast.ts';

/** What a part of an expression can be. An unset variable is null, which is not the empty string. */
export type Value = string | boolean | null | Regex;

/**
 * Evaluates an expression with GitLab's rules: `&&` and `||` return one of their sides as Ruby does (so an empty
 * string is true between them, and false as the whole expression's value: see `isTruthy`), values are compared as
 * written, never expanded.
 */
export function evaluate(
  expression: Expression,
  lookup: VariableLookup,
  inputs: InputLookup = () => null,
): Value {
  return walk(expression, { lookup, inputs, trace: null });
}

/** The value of `$[[ inputs.name ]]`. */
export type InputLookup = (name: string) => Value;

/** The names of the inputs that an expression asks for, each as often as it does. */
export function inputsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'input':
      return [expression.name];
    case 'not':
      return inputsOf(expression.operand);
    case 'comparison':
    case 'logical':
      return [...inputsOf(expression.left), ...inputsOf(expression.right)];
    default:
      return [];
  }
}

/** One comparison or bare value of an expression, with what it saw. */
export interface EvaluatedClause {
  readonly start: number;
  readonly end: number;
  /** The variables in it, in order, null for those that are not set. */
  readonly variables: readonly { readonly name: string; readonly value: string | null }[];
  /** Whether it was true, or null when what stands before it had decided already. */
  readonly result: boolean | null;
}

/** As `evaluate`, and says what each clause between `&&`, `||` and `!` came to. */
export function evaluateTraced(
  expression: Expression,
  lookup: VariableLookup,
): { readonly value: Value; readonly clauses: readonly EvaluatedClause[] } {
  const results = new Map<Expression, Value>();
  const value = walk(expression, { lookup, inputs: () => null, trace: results });
  const clauses = clausesOf(expression).map((clause) => ({
    start: clause.start,
    end: clause.end,
    variables: variablesOf(clause).map((name) => ({ name, value: lookup(name) })),
    result: results.has(clause) ? isTruthy(results.get(clause) ?? null) : null,
  }));
  return { value, clauses };
}

/** Whether a value lets a rule match: anything but null, false and blank text. */
export function isTruthy(value: Value): boolean {
  if (typeof value === 'string') return /\S/.test(value);
  return value !== null && value !== false;
}

/** A value as it would be written in an expression. */
export function showValue(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  return `/${value.source}/`;
}

interface Scope {
  readonly lookup: VariableLookup;
  readonly inputs: InputLookup;
  /** Collects the values of clauses, for `evaluateTraced`. */
  readonly trace: Map<Expression, Value> | null;
}

function walk(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'not':
      return !isTruthy(walk(expression.operand, scope));
    case 'logical': {
      const left = walk(expression.left, scope);
      const decided = expression.operator === '&&' ? isRubyFalse(left) : !isRubyFalse(left);
      return decided ? left : walk(expression.right, scope);
    }
    default: {
      const value = clauseValue(expression, scope);
      scope.trace?.set(expression, value);
      return value;
    }
  }
}

function isRubyFalse(value: Value): boolean {
  return value === null || value === false;
}

function clauseValue(expression: Exclude<Expression, { kind: 'not' | 'logical' }>, scope: Scope): Value {
  switch (expression.kind) {
    case 'variable':
      return scope.lookup(expression.name);
    case 'input':
      return scope.inputs(expression.name);
    case 'string':
    case 'boolean':
      return expression.value;
    case 'pattern':
      return expression.regex;
    case 'null':
      return null;
    case 'comparison':
      return compare(expression, { ...scope, trace: null });
  }
}

function compare(expression: ComparisonExpression, scope: Scope): boolean {
  const left = walk(expression.left, scope);
  const right = walk(expression.right, scope);
  switch (expression.operator) {
    case '==':
      return areEqual(left, right);
    case '!=':
      return !areEqual(left, right);
    case '=~':
      return matches(left, right);
    case '!~':
      return !matches(left, right);
  }
}

/** A boolean equals the text that spells it. */
function areEqual(left: Value, right: Value): boolean {
  if (typeof left === 'boolean' && typeof right === 'string') return String(left) === right;
  if (typeof left === 'string' && typeof right === 'boolean') return left === String(right);
  if (isRegex(left) && isRegex(right)) return left.source === right.source;
  return left === right;
}

/**
 * A text on the right is a pattern when it has the form `/…/flags` and compiles; otherwise the left side is looked
 * for inside it, not the other way round.
 */
function matches(left: Value, right: Value): boolean {
  if (isRubyFalse(right)) return false;
  const text = toText(left);
  if (isRegex(right)) return right.test(text);
  const pattern = toText(right);
  const regex = patternIn(pattern);
  return regex === null ? pattern.includes(text) : regex.test(text);
}

function patternIn(text: string): Regex | null {
  const literal = parseRegexLiteral(text.replaceAll('\\/', '/'));
  if (literal === null) return null;
  const compiled = compileRegex(literal.pattern, literal.flags);
  return compiled.ok ? compiled.regex : null;
}

function toText(value: Value): string {
  if (isRegex(value)) return value.source;
  return value === null ? '' : String(value);
}

function isRegex(value: Value): value is Regex {
  return typeof value === 'object' && value !== null;
}

function clausesOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'not':
      return clausesOf(expression.operand);
    case 'logical':
      return [...clausesOf(expression.left), ...clausesOf(expression.right)];
    default:
      return [expression];
  }
}

function variablesOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'variable':
      return [expression.name];
    case 'input':
      return [`inputs.${expression.name}`];
    case 'not':
      return variablesOf(expression.operand);
    case 'comparison':
    case 'logical':
      return [...variablesOf(expression.left), ...variablesOf(expression.right)];
    default:
      return [];
  }
}
