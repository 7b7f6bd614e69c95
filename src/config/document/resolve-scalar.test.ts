import { expect, test } from 'vitest';
import type { Scalar } from './node.ts';
import { resolvePlainScalar, scalarText } from './resolve-scalar.ts';

/** Every row was made by Ruby's Psych, the parser GitLab reads its files with. */
const values: readonly (readonly [text: string, value: Scalar])[] = [
  ['', null],
  ['~', null],
  ['null', null],
  ['NULL', null],
  ['Yes', true],
  ['on', true],
  ['tRue', true],
  ['oFF', false],
  ['No', false],
  ['y', 'y'],
  ['n', 'n'],
  ['true1', 'true1'],
  ['017', 15],
  ['08', '08'],
  ['0_7', 7],
  ['0,7', 7],
  ['0o17', '0o17'],
  ['0x1F', 31],
  ['0x', '0x'],
  ['0b11', 3],
  ['0b2', '0b2'],
  ['1_000', 1000],
  ['1,000', 1000],
  ['1__0', '1__0'],
  ['1_', '1_'],
  ['_1', '_1'],
  ['+5', 5],
  ['-7', -7],
  ['1:30', 5400],
  ['1:30:20', 5420],
  ['-1:30', -1800],
  ['1:60', '1:60'],
  ['190:20:30.15', 685230.15],
  ['1.', 1],
  ['.5', 0.5],
  ['+.5', 0.5],
  ['1.10', 1.1],
  ['0.1_0', '0.1_0'],
  ['1.5e+3', 1500],
  ['1.5e3', '1.5e3'],
  ['1e3', '1e3'],
  ['1.2.3', '1.2.3'],
  ['.', '.'],
  ['..', '..'],
  ['+', '+'],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.INF', Number.NEGATIVE_INFINITY],
  ['.NaN', Number.NaN],
  ['2020-13-45', '2020-13-45'],
  ['1d', '1d'],
  ['a:b', 'a:b'],
];

test.each(values)('plain %s is %s', (text, value) => {
  expect(resolvePlainScalar(text)).toEqual({ kind: 'value', value });
});

test.each([
  ['2020-01-01', 'Date'],
  ['2020-1-1', 'Date'],
  ['2020-01-01 10:00:00', 'Time'],
  ['2020-01-01T10:00:00', 'Time'],
  ['2001-12-14t21:59:43.10-05:00', 'Time'],
])('plain %s is a forbidden %s', (text, type) => {
  expect(resolvePlainScalar(text)).toEqual({ kind: 'forbidden', type });
});

/** `to_s` of the value, in Ruby. */
test.each([
  ['017', '15'],
  ['1_000', '1000'],
  ['1.0', '1.0'],
  ['1.10', '1.1'],
  ['12345678901234567890', '12345678901234567890'],
  ['yes', 'true'],
  ['~', ''],
  ['0.00001', '1.0e-05'],
  ['100000000000000000.5', '1.0e+17'],
  ['0x1F', '31'],
  ['plain', 'plain'],
])('the text of %s is %s', (source, text) => {
  const resolved = resolvePlainScalar(source);
  if (resolved.kind !== 'value') throw new Error('a date');
  expect(scalarText({ value: resolved.value, source })).toBe(text);
});
