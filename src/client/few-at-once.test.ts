import { expect, test } from 'vitest';
import { createSlots } from './few-at-once.ts';

test('no more than so many are at work, in the order they came, also after one has failed', async () => {
  const slots = createSlots(3);
  const begun: number[] = [];
  let [now, most] = [0, 0];
  const work = (index: number) =>
    slots.use(async () => {
      begun.push(index);
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      if (index % 4 === 0) throw new Error(`${index}`);
      return index;
    });
  const ended = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => work(index)));
  expect(most).toBe(3);
  expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(5);
});
