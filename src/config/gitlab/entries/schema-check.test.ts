import { expect, test } from 'vitest';
import type { Problem } from '../../../base/problem.ts';
import { parseDocuments } from '../../document/index.ts';
import { attributeOf, rootPosition, type Shape } from './entry.ts';
import { schemaChecked } from './schema-check.ts';

const text: Shape = { type: 'string', minLength: 1, maxLength: 3, pattern: '^[a-z]+$' };

test.each<[string, Shape, string]>([
  ['1', text, 'value at root is not a string'],
  ["''", text, 'string length at root is less than: 1'],
  ['abcd', text, 'string length at root is greater than: 3'],
  ['AB', text, 'string at root does not match pattern: ^[a-z]+$'],
  ['a', { type: 'boolean' }, 'value at root is not a boolean'],
  ['a', { type: 'number' }, 'value at root is not a number'],
  ['1.5', { type: 'integer' }, 'value at root is not an integer'],
  ['c', { type: 'enum', values: ['a', 'b'] }, 'value at root is not one of: ["a","b"]'],
  ['a', { type: 'list', items: text }, 'value at root is not an array'],
  ['[a, 1]', { type: 'list', items: text }, 'value at `/1` is not a string'],
  ['a', { type: 'map', values: text }, 'value at root is not an object'],
  ['{x: {y: 1}}', { type: 'map', values: { type: 'map', values: text } }, 'value at `/x/y` is not a string'],
  [
    '{"1": a}',
    { type: 'map', values: text, keys: '^[a-z]+$' },
    'object property at `/1` is a disallowed additional property',
  ],
  ['[]', { type: 'record', fields: {} }, 'value at root is not an object'],
  [
    '{b: a}',
    { type: 'record', fields: { a: text } },
    'object property at `/b` is a disallowed additional property',
  ],
  [
    '{}',
    { type: 'record', fields: { a: text, b: text }, required: ['a', 'b'] },
    'object at root is missing required properties: a, b',
  ],
  [
    '{a: x, b: y}',
    { type: 'record', fields: { a: text, b: text }, oneOf: ['a', 'b'] },
    'value at root should use only one of: a, b',
  ],
  [
    'true',
    { type: 'one-of', choices: [text, { type: 'integer' }] },
    'value at root is not one of the types: ["string", "integer"]',
  ],
  [
    '{b: 1}',
    {
      type: 'one-of',
      choices: [
        { type: 'record', fields: { a: text } },
        { type: 'record', fields: { b: text } },
      ],
    },
    'value at `/b` is not a string',
  ],
])('%s against %j', (yaml, shape, message) => {
  expect(check(yaml, shape)).toEqual([`thing ${message}`]);
});

test.each<[string, Shape]>([
  ['abc', text],
  ['{a: 1, other: x}', { type: 'record', fields: { a: { type: 'integer' } }, open: true }],
  ['[~, 1, {a: b}]', { type: 'list', items: { type: 'any' } }],
  ['1', { type: 'one-of', choices: [text, { type: 'integer' }] }],
])('%s fits', (yaml, shape) => {
  expect(check(yaml, shape)).toEqual([]);
});

function check(yaml: string, shape: Shape): readonly string[] {
  const [document] = parseDocuments({ name: 'file', text: yaml }).documents;
  if (document === undefined) throw new Error('no document');
  const problems: Problem[] = [];
  schemaChecked(shape).read(document, attributeOf(rootPosition(problems), 'thing'));
  return problems.map(({ message }) => message.trim());
}
