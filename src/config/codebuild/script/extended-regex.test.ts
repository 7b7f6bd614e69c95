import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRegex } from '../../../base/regex.ts';
import { type ExtendedRegex, extendedRegex } from './extended-regex.ts';

function grep({ text, ignoresCase }: ExtendedRegex, line: string): boolean {
  try {
    execFileSync('grep', ['-E', ...(ignoresCase ? ['-i'] : []), '-e', text], {
      input: `${line}\n`,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    return true;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return false;
    throw error;
  }
}

test.each([
  ['.*text.*', '.*text.*'],
  ['a|(?:b|c)+?', 'a|(b|c)+'],
  ['(?P<name>x){2,3}?', '(x){2,3}'],
  ['\\d+\\s\\W', '[0-9]+[[:space:]][^[:alnum:]_]'],
  ['[\\d\\.]$', '[0-9.]$'],
  ['[^\\]]', null],
  ['\\bword\\b', null],
  ['\\n', null],
])('%s is %s', (pattern, expected) => {
  expect(extendedRegex(pattern)?.text ?? null).toBe(expected);
});

test('case is of no interest where it says so', () => {
  expect(extendedRegex('(?i)Text')).toEqual({ text: 'Text', ignoresCase: true });
});

const PART = fc.constantFrom(
  ...[
    'a',
    'b',
    'B',
    '.',
    '-',
    '\\.',
    '\\d',
    '\\D',
    '\\s',
    '\\w',
    '[ab]',
    '[^a]',
    '[a-c\\d]',
    '(a|b)',
    '(?:ab)',
    '5',
    ' ',
  ],
);
const PATTERN = fc
  .tuple(
    fc.constantFrom('', '(?i)', '^'),
    fc.array(fc.tuple(PART, fc.constantFrom('', '*', '+', '?', '*?', '{2}')), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '$'),
  )
  .map(([start, parts, end]) => start + parts.map((part) => part.join('')).join('') + end);

test('it finds the lines that RE2 finds', () => {
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', 'B', 'c', '5', '.', ' ', '-', '_'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(PATTERN, line, (pattern, text) => {
      const regex = compileRegex(pattern);
      const extended = extendedRegex(pattern);
      if (!regex.ok || extended === null) return expect.fail(`${pattern} is not taken`);
      expect(grep(extended, text), `${pattern} as ${extended.text} in ${JSON.stringify(text)}`).toBe(
        regex.regex.test(text),
      );
    }),
    { numRuns: 150 },
  );
});
