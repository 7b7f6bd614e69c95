import { describe, expect, it } from 'vitest';
import { createSharedThings } from './shared-things.ts';

const never = () => false;

describe('shared things', () => {
  it('are made once, however many ask at once', async () => {
    let made = 0;
    const things = createSharedThings<number>(1, async () => undefined);
    const make = async () => {
      made += 1;
      return made;
    };
    const uses = await Promise.all([
      things.use('a', make, never),
      things.use('a', make, never),
      things.use('b', make, never),
    ]);
    expect(uses.map(({ thing, wasThere }) => [thing, wasThere])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ]);
  });

  it('are removed when nobody uses them, but for the last', async () => {
    const removed: string[] = [];
    const things = createSharedThings<string>(1, async (thing) => void removed.push(thing));
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map((key) => things.use(key, async () => key, never)),
    );
    const again = await things.use('a', async () => 'new', never);
    await a?.release();
    await c?.release();
    expect(removed).toEqual([]);
    await b?.release();
    expect(removed).toEqual(['b']);
    await again.release();
    expect(removed).toEqual(['b', 'c']);
    expect((await things.use('a', async () => 'new', never)).thing).toBe('a');
  });

  it('that cannot be made for one are tried by another who waited, who has its own reasons to', async () => {
    const things = createSharedThings<string>(1, async () => undefined);
    let fail: (error: Error) => void = () => undefined;
    const first = things.use('a', () => new Promise((_resolve, reject) => (fail = reject)), never);
    const second = things.use('a', async () => 'second', never);
    const third = things.use(
      'a',
      async () => 'third',
      () => true,
    );
    fail(new Error('the first was canceled'));
    await expect(first).rejects.toThrow('the first was canceled');
    await expect(third).rejects.toThrow('the first was canceled');
    expect(await second).toMatchObject({ thing: 'second' });
  });
});
