import { expect, test } from 'vitest';
import { createTimeBudget } from './time-budget.ts';

test('time counts while something is fetched, and once', async () => {
  let now = 1_000;
  const budget = createTimeBudget(100, () => now);
  const take = (ms: number) =>
    budget.spend<number | string>(
      async (left) => {
        now += ms;
        return left;
      },
      () => 'over',
    );
  expect(await take(30)).toBe(100);
  now += 10_000;
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = budget.spend(
    async () => {
      await promise;
      return 'done';
    },
    () => 'over',
  );
  expect(await take(40)).toBe(70);
  expect(await take(10)).toBe(30);
  now += 20;
  expect(await take(0)).toBe('over');
  resolve();
  expect(await slow).toBe('done');
  expect(await take(0)).toBe('over');
});
