import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycle } from './cycles.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

test.each<[string, Readonly<Record<string, readonly string[]>>, readonly string[] | null]>([
  ['nothing', {}, null],
  ['a chain', { a: ['b'], b: ['c'], c: [] }, null],
  ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, null],
  ['a name that is not there', { a: ['ghost'] }, null],
  ['itself', { a: ['a'] }, ['a']],
  ['two', { a: ['b'], b: ['a'] }, ['a', 'b']],
  ['a circle behind a tail', { a: ['b'], b: ['c'], c: ['d'], d: ['b'] }, ['b', 'c', 'd']],
])('%s', (_, edges, cycle) => {
  expect(findCycle(graph(edges))).toEqual(cycle);
});

test('a chain of 50,000 does not overflow the stack', () => {
  const chain = new Map(Array.from({ length: 50_000 }, (_, i) => [`j${i}`, [`j${i + 1}`]] as const));
  expect(findCycle(chain)).toBeNull();
  expect(findCycle(new Map([...chain, ['j50000', ['j0']]]))).toHaveLength(50_001);
});

test('what is found is a circle, and edges that only go up never make one', () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 });
  const toGraph = (pairs: readonly (readonly [number, number])[]) => {
    const result = new Map<string, string[]>();
    for (const [from, to] of pairs) result.set(`${from}`, [...(result.get(`${from}`) ?? []), `${to}`]);
    return result;
  };
  fc.assert(
    fc.property(edges, (pairs) => {
      const all = toGraph(pairs);
      const cycle = findCycle(all);
      for (const [at, name] of (cycle ?? []).entries()) {
        expect(all.get(name)).toContain(cycle?.[(at + 1) % cycle.length]);
      }
      expect(findCycle(toGraph(pairs.filter(([from, to]) => from < to)))).toBeNull();
    }),
  );
});
