import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createOutbox } from '../../store/index.ts';
import { sqliteDatabases, testStore } from '../../store/test-support/test-databases.ts';
import { startOutboxWorker } from './outbox-worker.ts';

test('nobody waits for what takes long but what stands behind it', async () => {
  const store = await testStore(sqliteDatabases);
  const outbox = createOutbox(store, systemClock);
  const append = (key: string, body: string) =>
    store.write((tx) => outbox.append(tx, [{ topic: 'test', key, body }]));
  await append('slow', 'slow 1');
  await append('slow', 'slow 2');
  await append('quick', 'quick 1');
  const carriedOut: unknown[] = [];
  const fetched = Promise.withResolvers<void>();
  await using worker = startOutboxWorker({
    ...{ store, outbox, clock: systemClock, topic: 'test' },
    async carryOut({ body }) {
      if (body === 'slow 1') await fetched.promise;
      carriedOut.push(body);
    },
    failed: (error) => {
      throw error;
    },
  });
  await expect.poll(() => carriedOut, { timeout: 10_000 }).toEqual(['quick 1']);
  await append('quick', 'quick 2');
  await append('slow', 'slow 3');
  await expect.poll(() => carriedOut, { timeout: 10_000 }).toEqual(['quick 1', 'quick 2']);
  fetched.resolve();
  await expect.poll(() => carriedOut.slice(2), { timeout: 10_000 }).toEqual(['slow 1', 'slow 2', 'slow 3']);
  await worker.idle();
  expect(await store.read((db) => db.selectFrom('outbox').select('id').execute())).toEqual([]);
});

test('what fails is tried again, and what stands behind it waits', async () => {
  const store = await testStore(sqliteDatabases);
  const outbox = createOutbox(store, systemClock);
  const entries = ['first', 'second'].map((body) => ({ topic: 'test', key: 'a', body }));
  await store.write((tx) => outbox.append(tx, entries));
  const carriedOut: unknown[] = [];
  let failures = 0;
  await using _worker = startOutboxWorker({
    ...{ store, outbox, clock: systemClock, topic: 'test' },
    async carryOut({ body }) {
      if (body === 'first' && failures === 0) throw new Error('Not now');
      carriedOut.push(body);
    },
    failed: () => {
      failures += 1;
    },
  });
  await expect.poll(() => carriedOut, { timeout: 15_000 }).toEqual(['first', 'second']);
  expect(failures).toBe(1);
});
