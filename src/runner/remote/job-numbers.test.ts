import { expect, test } from 'vitest';
import { createJobNumbers } from './job-numbers.ts';

test('jobs that run at once have different numbers, the lowest there are', () => {
  const numbers = createJobNumbers();
  expect([numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 1, 2]);
  numbers.give(1);
  expect([numbers.take(), numbers.take()]).toEqual([1, 3]);
});
