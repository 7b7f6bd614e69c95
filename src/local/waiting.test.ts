import { describe, expect, test } from 'vitest';
import { createJobSlots } from './job-slots.ts';
import { createResourceLocks } from './resource-locks.ts';

const never = new AbortController().signal;

describe('job slots', () => {
  test('hand out as many as there are, then in the order asked', async () => {
    const slots = createJobSlots(2);
    const order: string[] = [];
    const first = await slots.take(never);
    await slots.take(never);
    const third = slots.take(never).then(() => order.push('third'));
    const fourth = slots.take(never).then((slot) => {
      order.push('fourth');
      return slot;
    });
    first.giveBack();
    first.giveBack(); // giving back twice frees nothing
    await third;
    expect(order).toEqual(['third']);
    const fifth = await Promise.race([fourth, Promise.resolve('still waiting')]);
    expect(fifth).toBe('still waiting');
  });

  test('jobs that run at once have different numbers, the lowest that are free', async () => {
    const slots = createJobSlots(3);
    const [zero, one, two] = [await slots.take(never), await slots.take(never), await slots.take(never)];
    expect([zero, one, two].map(({ number }) => number)).toEqual([0, 1, 2]);
    const waiting = slots.take(never);
    one.giveBack();
    expect((await waiting).number).toBe(1);
    two.giveBack();
    zero.giveBack();
    expect((await slots.take(never)).number).toBe(0);
  });

  test('a wait that is aborted takes no slot', async () => {
    const slots = createJobSlots(1);
    const { giveBack } = await slots.take(never);
    const abort = new AbortController();
    const waiting = slots.take(abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    giveBack();
    await slots.take(never);
  });
});

describe('resource locks', () => {
  test('one holder a resource, in the order asked; another resource is free', () => {
    const { granted, ask, locks } = setUp();
    for (const owner of ['a', 'b', 'c']) ask('production', owner);
    ask('staging', 'd');
    expect(granted).toEqual(['a', 'd']);
    locks.release('production', 'a');
    expect(granted).toEqual(['a', 'd', 'b']);
  });

  test('a request that is withdrawn is passed over', () => {
    const { granted, ask, locks } = setUp();
    for (const owner of ['a', 'b', 'c']) ask('production', owner);
    locks.release('production', 'b');
    locks.release('production', 'a');
    expect(granted).toEqual(['a', 'c']);
  });

  test('releasing what one does not hold has no effect', () => {
    const { granted, ask, locks } = setUp();
    ask('production', 'a');
    ask('production', 'b');
    locks.release('production', 'z');
    expect(granted).toEqual(['a']);
  });

  function setUp() {
    const locks = createResourceLocks();
    const granted: string[] = [];
    return {
      locks,
      granted,
      ask: (name: string, owner: string) => locks.request(name, owner, () => granted.push(owner)),
    };
  }
});
