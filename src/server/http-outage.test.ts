import { expect, test } from 'vitest';
import { AppError } from '../base/app-error.ts';
import { isOutage } from './http-outage.ts';

test.each([
  [Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }), true],
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), true],
  [Object.assign(new Error('the database system is starting up'), { code: '57P03' }), true],
  [new Error('Connection terminated unexpectedly'), true],
  [new AppError('database-unwritable', 'The database cannot be written.'), true],
  [Object.assign(new Error('duplicate key'), { code: '23505' }), false],
  [new TypeError('x is undefined'), false],
  ['a text', false],
])('%s is an outage: %s', (error, is) => {
  expect(isOutage(error)).toBe(is);
});
