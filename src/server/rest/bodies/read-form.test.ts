import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readForm } from './read-form.ts';

test.each([
  ['ref=main', { ref: 'main' }],
  ['scopes[]=api&scopes[]=read_api', { scopes: ['api', 'read_api'] }],
  ['variables[A]=1&variables[B]=2', { variables: { A: '1', B: '2' } }],
  [
    'variables[][key]=A&variables[][value]=1&variables[][key]=B&variables[][value]=2',
    {
      variables: [
        { key: 'A', value: '1' },
        { key: 'B', value: '2' },
      ],
    },
  ],
  ['a=1&a=2', { a: '2' }],
  ['variables[__proto__]=x', { variables: { ['__proto__']: 'x' } }],
])('%s', (text, form) => {
  expect(JSON.stringify(readForm(new URLSearchParams(text)))).toBe(JSON.stringify(form));
});

test.each(['[a]=1', 'a[b=1', 'a=1&a[b]=2', 'a[b]=1&a[]=2', 'a[b][c][d][e][f]=1', ''.padEnd(20_000, 'a=1&')])(
  'not a form: %s',
  (text) => {
    expect(() => readForm(new URLSearchParams(text))).toThrow();
  },
);

test('whatever the fields are called, nothing but the form is changed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: fc.constantFrom('a', '[', ']', '__proto__') }), fc.string())),
      (fields) => {
        try {
          readForm(fields);
        } catch (error) {
          expect(error).toMatchObject({ statusCode: 400 });
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      },
    ),
  );
});
