import { expect, test } from 'vitest';
import { together } from './together.ts';

test('what is asked for meanwhile is worked on together, in its order, each key by itself', async () => {
  const groups: string[] = [];
  const double = together(async (numbers: readonly number[], key: string) => {
    groups.push(`${key}: ${numbers.join(' ')}`);
    await new Promise((resolve) => setImmediate(resolve));
    return numbers.map((number) => number * 2);
  }, 3);
  const first = [double(1, 'a'), double(2, 'b')];
  await new Promise((resolve) => setImmediate(resolve));
  const later = [3, 4, 5, 6].map((number) => double(number, 'a'));
  expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8, 10, 12]);
  expect(groups).toEqual(['a: 1', 'b: 2', 'a: 3 4 5', 'a: 6']);
  expect(await double(7, 'a')).toBe(14);
});

test('one that cannot be done stops no other', async () => {
  const half = together(async (numbers: readonly number[]) => {
    if (numbers.some((number) => number % 2 === 1)) throw new Error('odd');
    return numbers.map((number) => number / 2);
  }, 10);
  const asked = await Promise.allSettled([2, 3, 4].map((number) => half(number, null)));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
