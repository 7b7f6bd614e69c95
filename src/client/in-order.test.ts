import { expect, test } from 'vitest';
import { createQueues } from './in-order.ts';

test('work of one name is done in its order, that of others beside it', async () => {
  const queues = createQueues();
  const done: string[] = [];
  const slow = (what: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(what);
  };
  queues.add('a', slow('a1'));
  queues.add('a', () => void done.push('a2'));
  queues.add('b', () => void done.push('b1'));
  await queues.settled();
  expect(done).toEqual(['b1', 'a1', 'a2']);
});

test('what has failed is told, and what stood behind it is left out', async () => {
  const queues = createQueues();
  const done: string[] = [];
  queues.add('a', () => Promise.reject(new Error('no')));
  queues.add('a', () => void done.push('a'));
  queues.add('b', () => void done.push('b'));
  await expect(queues.settled()).rejects.toThrow('no');
  expect(done).toEqual(['b']);
});
