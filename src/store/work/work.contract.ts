import { describe, expect, it } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../store.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { createOutbox, type LeasedEntry, type Outbox } from './outbox.ts';
import { createTimers } from './timers.ts';

/** What is to be done, and is done once at least. */
export function describeWork(databases: TestDatabases): void {
  describe(`the outbox on ${databases.name}`, () => {
    it('gives out what was committed, in its order, and forgets what is done', async () => {
      const { store, outbox } = await open(databases);
      await append(store, outbox, [
        ['a', 1],
        ['b', 2],
        ['a', 3],
      ]);
      const undone = store.write(async (tx) => {
        await outbox.append(tx, [{ topic: 't', key: 'a', body: '99' }]);
        throw new Error('no');
      });
      await expect(undone).rejects.toThrow('no');
      const taken = await outbox.take('t', 10, 1000);
      expect(bodies(taken)).toEqual([1, 2, 3]);
      expect(await outbox.take('t', 10, 1000)).toEqual([]);
      expect(await outbox.take('other', 10, 1000)).toEqual([]);
      expect(await outbox.done(taken)).toBe(3);
      expect(await outbox.take('t', 10, 1000)).toEqual([]);
    });

    it('gives nothing of a key to anybody while another has something older of it', async () => {
      const { store, outbox } = await open(databases);
      await append(store, outbox, [
        ['a', 1],
        ['a', 2],
        ['b', 3],
      ]);
      const first = await outbox.take('t', 1, 1000);
      expect(bodies(first)).toEqual([1]);
      expect(bodies(await outbox.take('t', 10, 1000))).toEqual([3]);
      await outbox.done(first);
      expect(bodies(await outbox.take('t', 10, 1000))).toEqual([2]);
    });

    it('gives it to another when the time is over, and knows then that the first is too late', async () => {
      const { store, outbox, clock } = await open(databases);
      await append(store, outbox, [['a', 1]]);
      const lost = await outbox.take('t', 1, 1000);
      clock.advance(1001);
      const again = await outbox.take('t', 1, 1000);
      expect(again).toMatchObject([{ body: '1', attempts: 1 }]);
      expect(await outbox.done(lost)).toBe(0);
      expect(await outbox.done(again)).toBe(1);
    });

    it('tries later what could not be done, and holds back what stands behind it', async () => {
      const { store, outbox, clock } = await open(databases);
      await append(store, outbox, [
        ['a', 1],
        ['a', 2],
        ['b', 3],
      ]);
      const [failed] = await outbox.take('t', 3, 60_000);
      expect(failed === undefined ? false : await outbox.later(failed, 500)).toBe(true);
      expect(await outbox.take('t', 3, 1000)).toEqual([]);
      clock.advance(501);
      expect(bodies(await outbox.take('t', 3, 1000))).toEqual([1, 2]);
    });

    it('is shared by several who take at once: each entry goes to one, those of a key in order', async () => {
      const database = await databases.create();
      const openings = [await open(databases, database), await open(databases, database)] as const;
      await append(
        openings[0].store,
        openings[0].outbox,
        Array.from({ length: 60 }, (_, at) => [`k${at % 7}`, at]),
      );
      const done: number[] = [];
      await Promise.all(
        [0, 1, 2, 3].map(async (worker) => {
          const { outbox } = openings[worker % 2 === 0 ? 0 : 1];
          for (;;) {
            const taken = await outbox.take('t', 5, 60_000);
            if (taken.length === 0 && done.length === 60) return;
            done.push(...bodies(taken));
            await outbox.done(taken);
          }
        }),
      );
      expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, at) => at));
      for (let key = 0; key < 7; key += 1) {
        const ofKey = done.filter((body) => body % 7 === key);
        expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
      }
    });

    it('waits for no moment of a clock that was ahead and has been set back', async () => {
      const { store, outbox, clock } = await open(databases);
      const DAY = 24 * 3600_000;
      clock.advance(DAY);
      await append(store, outbox, [
        ['a', 1],
        ['b', 2],
        ['b', 3],
        ['c', 4],
      ]);
      const taken = await outbox.take('t', 2, 60_000);
      expect(bodies(taken)).toEqual([1, 2]);
      for (const entry of taken.slice(1)) await outbox.later(entry, 600_000);
      clock.advance(-DAY);
      expect(bodies(await outbox.take('t', 10, 60_000))).toEqual([1, 2, 3, 4]);
    });
  });

  describe(`timers on ${databases.name}`, () => {
    it('are due at their time, once, and again when whoever took them is lost', async () => {
      const { store, timers, clock } = await open(databases);
      const set = (key: string, after: number) =>
        store.write((tx) =>
          timers.set(tx, { kind: 'k', key, dueAt: clock.now() + after, body: `of ${key}` }),
        );
      await set('late', 100);
      await set('early', 10);
      await set('moved', 5);
      await set('moved', 1000);
      await set('canceled', 1);
      await store.write((tx) => timers.cancel(tx, 'k', 'canceled'));
      expect(await timers.next()).toBe(clock.now() + 10);
      expect(await timers.take(10, 1000)).toEqual([]);
      clock.advance(100);
      const due = await timers.take(10, 500);
      expect(due.map(({ key, body }) => [key, body])).toEqual([
        ['early', 'of early'],
        ['late', 'of late'],
      ]);
      expect(await timers.take(10, 500)).toEqual([]);
      clock.advance(501);
      const again = await timers.take(10, 500);
      expect(again.map(({ key }) => key)).toEqual(['early', 'late']);
      for (const timer of due) expect(await timers.done(timer)).toBe(false);
      for (const timer of again) expect(await timers.done(timer)).toBe(true);
      expect(await timers.next()).toBe(clock.now() + 1000 - 601);
    });
  });
}

async function open(databases: TestDatabases, database?: string) {
  const store = await testStore(databases, database);
  const clock = testClock();
  return { store, clock, outbox: createOutbox(store, clock), timers: createTimers(store, clock) };
}

function testClock(): Clock & { advance(milliseconds: number): void } {
  let now = 1_000_000;
  return {
    now: () => now,
    elapsed: () => now,
    after: () => () => undefined,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}

function append(
  store: Store,
  outbox: Outbox,
  entries: readonly (readonly [string, number])[],
): Promise<void> {
  return store.write((tx) =>
    outbox.append(
      tx,
      entries.map(([key, body]) => ({ topic: 't', key, body: String(body) })),
    ),
  );
}

function bodies(entries: readonly LeasedEntry[]): number[] {
  return entries.map(({ body }) => Number(body));
}
