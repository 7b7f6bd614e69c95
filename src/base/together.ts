/**
 * Makes a function of one thing from one of many: what is asked for while others are being worked on is worked on together
 * when these are done, and what is asked for alone waits for nobody. Things of different keys do not wait for each other.
 *
 * `work` answers in the order of what it was given. When it throws it has done nothing: then each is tried by itself, so that
 * one that cannot be done stops no other.
 */
export function together<Key, Thing, Answer>(
  work: (things: readonly Thing[], key: Key) => Promise<readonly Answer[]>,
  most: number,
): (thing: Thing, key: Key) => Promise<Answer> {
  const waiting = new Map<Key, Asked<Thing, Answer>[]>();

  async function drain(key: Key, asked: Asked<Thing, Answer>[]): Promise<void> {
    // Whoever comes in the same turn of the event loop is there from the start.
    await new Promise((resolve) => setImmediate(resolve));
    while (asked.length > 0) await carryOut(key, asked.splice(0, most));
    waiting.delete(key);
  }

  async function carryOut(key: Key, some: readonly Asked<Thing, Answer>[]): Promise<void> {
    try {
      const answers = await work(
        some.map(({ thing }) => thing),
        key,
      );
      for (const [at, answer] of answers.entries()) some[at]?.resolve(answer);
    } catch (error) {
      if (some.length === 1) some[0]?.reject(error);
      else for (const one of some) await carryOut(key, [one]);
    }
  }

  return (thing, key) =>
    new Promise((resolve, reject) => {
      const one = { thing, resolve, reject };
      const asked = waiting.get(key);
      if (asked !== undefined) {
        asked.push(one);
        return;
      }
      const first = [one];
      waiting.set(key, first);
      void drain(key, first);
    });
}

interface Asked<Thing, Answer> {
  readonly thing: Thing;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}
