import { describe, expect, test } from 'vitest';
import { evaluate, evaluateTraced, isTruthy } from './evaluate.ts';
import { parseExpression } from './parse.ts';

const variables: ReadonlyMap<string, string> = new Map([
  ['SET', 'value'],
  ['EMPTY', ''],
  ['BLANK', '  '],
  ['ONE', '1'],
  ['BR', 'release/1.2'],
  ['PAT', '/^rel/'],
  ['PATI', '/^REL/i'],
  ['SHORT', '/e/'],
  ['BROKEN', '/(/'],
  ['ESCAPED', '/release\\/1/'],
  ['PLAIN', 'release/1.2-hotfix'],
  ['T', 'true'],
]);
const lookup = (name: string) => variables.get(name) ?? null;

describe('evaluate', () => {
  test.each<[string, boolean]>([
    ['$SET', true],
    ['$EMPTY', false],
    ['$BLANK', false],
    ['$UNDEF', false],
    ['"x"', true],
    ['/ab/', true],
    ['null', false],
    // Unset is null and nothing else.
    ['$UNDEF == null', true],
    ['$EMPTY == null', false],
    ['$UNDEF == ""', false],
    ['$EMPTY == ""', true],
    ['$UNDEF == $UNDEFINED', true],
    ['$SET != null', true],
    // Between && and || the empty string is true.
    ['$EMPTY || $SET', false],
    ['$EMPTY && $SET', true],
    ['$UNDEF || $SET', true],
    ['$UNDEF && $SET', false],
    // A pattern on the right; an unset left is the empty text.
    ['$BR =~ /^release/', true],
    ['$BR =~ /^RELEASE/', false],
    ['$BR =~ /^RELEASE/i', true],
    ['$BR =~ /elease\\/1/', true],
    ['$BR !~ /^rel/', false],
    ['$UNDEF =~ /^$/', true],
    ['$UNDEF !~ /.+/', true],
    // A variable on the right.
    ['$BR =~ $PAT', true],
    ['$SET =~ $PAT', false],
    ['$BR =~ $PATI', true],
    ['$SET =~ $SHORT', true],
    ['$BR =~ $ESCAPED', true],
    ['$BR =~ $UNDEF', false],
    ['$BR !~ $UNDEF', true],
    ['$BR =~ $PLAIN', true],
    ['$PLAIN =~ $BR', false],
    ['"(" =~ $BROKEN', true],
    ['$SET =~ "/^val/"', true],
    // Booleans equal the text that spells them.
    ['$T == true', true],
    ['true == "true"', true],
    ['$UNDEF == false', false],
    ['true == false', false],
    ['true', true],
    ['false', false],
    // Not.
    ['!$UNDEF', true],
    ['!$EMPTY', true],
    ['!$SET', false],
    ['!($SET == "x")', true],
    ['!$SET == false', true],
    // Text is not expanded.
    ['"$SET" == "value"', false],
    ['"$SET" == \'$SET\'', true],
    ['$SET == /value/', false],
  ])('%s is %s', (text, expected) => {
    const result = parseExpression(text);
    if (!result.ok) throw new Error(result.message);
    expect(isTruthy(evaluate(result.expression, lookup))).toBe(expected);
  });
});

describe('evaluateTraced', () => {
  test('shows each clause with its values, and which was not looked at', () => {
    const text = '$SET == "x" && $ONE == "1" || !($BR =~ $PAT)';
    const result = parseExpression(text);
    if (!result.ok) throw new Error(result.message);
    const { value, clauses } = evaluateTraced(result.expression, lookup);
    expect(value).toBe(false);
    expect(
      clauses.map((c) => ({ text: text.slice(c.start, c.end), values: c.variables, result: c.result })),
    ).toEqual([
      { text: '$SET == "x"', values: [{ name: 'SET', value: 'value' }], result: false },
      { text: '$ONE == "1"', values: [{ name: 'ONE', value: '1' }], result: null },
      {
        text: '($BR =~ $PAT)',
        values: [
          { name: 'BR', value: 'release/1.2' },
          { name: 'PAT', value: '/^rel/' },
        ],
        result: true,
      },
    ]);
  });
});
