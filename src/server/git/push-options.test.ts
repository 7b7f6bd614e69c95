import { expect, test } from 'vitest';
import { readPushOptions } from './push-options.ts';

test.each([
  [['ci.skip'], { skip: true }],
  [['ci.skip=true'], { skip: true }],
  [['ci.skip=false'], { skip: false }],
  [['ci.variable=A=b=c'], { variables: new Map([['A', 'b=c']]) }],
  [['ci.variable="A=b c"'], { variables: new Map([['A', 'b c']]) }],
  [['ci.variable=A="b c"'], { variables: new Map([['A', 'b c']]) }],
  [['ci.variable=A='], { variables: new Map([['A', '']]) }],
  [['ci.variable=A=1', 'ci.variable=A=2'], { variables: new Map([['A', '2']]) }],
  [['ci.variable=__proto__=x'], { variables: new Map([['__proto__', 'x']]) }],
  [['ci.input=stages=["test","build"]'], { inputs: new Map([['stages', '["test","build"]']]) }],
])('%j is understood', (given, expected) => {
  const none = { skip: false, variables: new Map(), inputs: new Map() };
  expect(readPushOptions(given)).toEqual({ options: { ...none, ...expected }, errors: [], warnings: [] });
});

test.each([
  ['ci.variable', 'ci.variable needs a value: ci.variable=KEY=VALUE'],
  ['ci.variable=A', 'ci.variable needs a value: ci.variable=KEY=VALUE'],
  ['ci.variable=A B=c', 'ci.variable: A B is no name that it can have'],
  ['ci.input==x', 'ci.input:  is no name that it can have'],
  ['ci.skip=maybe', 'ci.skip takes no value'],
  ['ci.skp', 'ci.skp is not known; there are ci.skip, ci.variable=KEY=VALUE and ci.input=NAME=VALUE'],
])('%s is an error', (given, error) => {
  expect(readPushOptions([given]).errors).toEqual([error]);
});

test('an option of another service is a warning', () => {
  expect(readPushOptions(['merge_request.create'])).toMatchObject({
    errors: [],
    warnings: ['the push option merge_request.create is not known and has no effect'],
  });
});
