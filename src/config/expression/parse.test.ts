import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Expression } from './ast.ts';
import { evaluate, evaluateTraced, isTruthy } from './evaluate.ts';
import { parseExpression } from './parse.ts';

describe('parseExpression', () => {
  test.each([
    ['$A', '$A'],
    ['$A == "x"', '(== $A "x")'],
    ["$A != 'x'", '(!= $A "x")'],
    ['$A && $B || $C', '(|| (&& $A $B) $C)'],
    ['$A || $B && $C', '(|| $A (&& $B $C))'],
    ['($A || $B) && $C', '(&& (|| $A $B) $C)'],
    ['$A == $B == $C', '(== (== $A $B) $C)'],
    ['!$A == "x"', '(== (! $A) "x")'],
    ['!($A == "x")', '(! (== $A "x"))'],
    ['!!$A', '(! (! $A))'],
    ['$A == !$B', '(== $A (! $B))'],
    ['$A=~/^rel/i&&$B!~/x\\/y/', '(&& (=~ $A /(?i)^rel/) (!~ $B /x/y/))'],
    ['null != $A', '(!= null $A)'],
    ['true || false', '(|| true false)'],
    ['$[[ inputs.go ]] == "yes"', '(== inputs.go "yes")'],
    [' \n $A\t', '$A'],
  ])('%s', (text, tree) => {
    const result = parseExpression(text);
    expect(result.ok && show(result.expression)).toBe(tree);
  });

  test.each<[string, string, string]>([
    ['', 'missing at the end', ''],
    ['()', 'missing before', ')'],
    ['$A ==', 'missing at the end', ''],
    ['== $A', 'missing before', '=='],
    ['$A $B', 'operator is missing', '$B'],
    ['$A == main', 'quotes around main', 'main'],
    ['${A} == "x"', 'without braces', '${A}'],
    ['($A', 'not closed', '('],
    ['$A)', 'never opened', ')'],
    ['$A == "x', 'quote is not closed', '"x'],
    ['$A = "x"', '== or =~', '='],
    ['$A & $B', 'write &&', '&'],
    ['$A =~ /a/', 'two characters', '/'],
    ['$A =~ /ab(/', 'no RE2 expression', '/ab(/'],
    ['$A == trueish', 'quotes around trueish', 'trueish'],
    ['$A - $B', 'quotes around -', '-'],
  ])('%s is refused: %s', (text, message, at) => {
    const result = parseExpression(text);
    if (result.ok) throw new Error('was accepted');
    expect(result.message).toContain(message);
    expect(text.slice(result.start, result.end)).toBe(at);
  });

  test('99 tokens are allowed, 100 are not', () => {
    const clauses = (count: number) => Array.from({ length: count }, () => '$A').join(' || ');
    expect(parseExpression(clauses(50)).ok).toBe(true);
    expect(parseExpression(`!${clauses(50)}`).ok).toBe(false);
  });

  test('spans cover what was written, parentheses included', () => {
    const text = '($A == "x") && $B';
    const result = parseExpression(text);
    if (!result.ok || result.expression.kind !== 'logical') throw new Error('not parsed');
    const { left, right } = result.expression;
    expect([text.slice(left.start, left.end), text.slice(right.start, right.end)]).toEqual([
      '($A == "x")',
      '$B',
    ]);
  });

  test('token soup never throws, neither in parsing nor in evaluating', () => {
    const token = fc.constantFrom(
      ...[
        '$A',
        '$EMPTY',
        '$NONE',
        '"x"',
        "''",
        '/ab/',
        '/^a.*$/i',
        '/(/',
        'null',
        'true',
        'false',
        '(',
        ')',
        '!',
      ],
      ...['==', '!=', '=~', '!~', '&&', '||', ' ', '$[[ inputs.a ]]', '${A}', '"', '/', '=', 'word', '🦊'],
    );
    const lookup = (name: string) => (name === 'A' ? '/a/' : name === 'EMPTY' ? '' : null);
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const text = tokens.join(' ');
        const result = parseExpression(text);
        if (result.ok) {
          const traced = evaluateTraced(result.expression, lookup);
          expect(isTruthy(traced.value)).toBe(isTruthy(evaluate(result.expression, lookup)));
        } else {
          expect(result.start).toBeGreaterThanOrEqual(0);
          expect(result.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a long text is refused at once', () => {
    expect(parseExpression(`$A =~ /${'\\/'.repeat(100_000)}`).ok).toBe(false);
    expect(parseExpression('('.repeat(100_000)).ok).toBe(false);
  });
});

function show(expression: Expression): string {
  switch (expression.kind) {
    case 'variable':
      return `$${expression.name}`;
    case 'input':
      return `inputs.${expression.name}`;
    case 'string':
      return JSON.stringify(expression.value);
    case 'pattern':
      return `/${expression.regex.source}/`;
    case 'boolean':
      return String(expression.value);
    case 'null':
      return 'null';
    case 'not':
      return `(! ${show(expression.operand)})`;
    case 'comparison':
    case 'logical':
      return `(${expression.operator} ${show(expression.left)} ${show(expression.right)})`;
  }
}
