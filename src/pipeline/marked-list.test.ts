import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsBetween,
  changedIndexes,
  firstIndexWith,
  itemAt,
  itemsOf,
  markedListOf,
  withItem,
} from './marked-list.ts';

const item = fc.record({ bits: fc.nat({ max: 7 }), value: fc.nat() });
const items = fc.oneof(
  fc.array(item, { maxLength: 40 }),
  fc.array(item, { minLength: 1000, maxLength: 1200 }),
);
const changes = fc.array(fc.tuple(fc.nat(), item), { maxLength: 20 });

describe('a marked list', () => {
  it('answers as an array does, after any changes', () => {
    fc.assert(
      fc.property(items, changes, fc.nat(), fc.nat(), fc.nat({ max: 7 }), (start, edits, a, b, wanted) => {
        let array = start;
        let list = markedListOf(start);
        for (const [position, replacement] of start.length > 0 ? edits : []) {
          const index = position % start.length;
          array = array.with(index, replacement);
          list = withItem(list, index, replacement, new Set());
        }
        const from = a % (start.length + 1);
        const to = b % (start.length + 1);
        expect([...itemsOf(list)]).toEqual(array);
        expect(bitsBetween(list, from, to)).toBe(
          array.slice(from, to).reduce((all, one) => all | one.bits, 0),
        );
        const first = array.findIndex((one, index) => index >= from && (one.bits & wanted) !== 0);
        expect(firstIndexWith(list, wanted, from)).toBe(first === -1 ? null : first);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the old list as it was, also when one series of changes owns its nodes', () => {
    const old = markedListOf(Array.from({ length: 2000 }, (_, value) => ({ bits: 1, value })));
    const own = new Set<object>();
    let list = old;
    for (let index = 0; index < 2000; index += 3) list = withItem(list, index, { bits: 2, value: -1 }, own);
    expect([...itemsOf(old)].every((one, index) => one.value === index)).toBe(true);
    expect([...itemsOf(list)].filter((one) => one.value === -1)).toHaveLength(667);
    expect([bitsBetween(old, 0, 2000), bitsBetween(list, 0, 2000), bitsBetween(list, 3, 4)]).toEqual([
      1, 3, 2,
    ]);
  });

  it('tells at which indexes a list differs from one it was made from', () => {
    const old = markedListOf(Array.from({ length: 2000 }, () => ({ bits: 1 })));
    let list = old;
    for (const index of [7, 31, 32, 1500, 1999]) list = withItem(list, index, { bits: 1 }, new Set());
    expect([...changedIndexes(old, list)]).toEqual([7, 31, 32, 1500, 1999]);
    expect([...changedIndexes(list, list)]).toEqual([]);
    expect(() => [...changedIndexes(old, markedListOf([]))]).toThrow(RangeError);
  });

  it('refuses an index that it does not have', () => {
    expect(() => itemAt(markedListOf([]), 0)).toThrow(RangeError);
    expect(() => itemAt(markedListOf([{ bits: 0 }]), 1)).toThrow(RangeError);
  });
});
