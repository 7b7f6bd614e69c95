import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComparedLine, compareLines } from './line-difference.ts';

function shown(lines: readonly ComparedLine[]): readonly string[] {
  const signs = { same: ' ', removed: '-', added: '+' };
  return lines.map(({ kind, text }) => `${signs[kind]}${text}`);
}

function side(lines: readonly ComparedLine[], other: ComparedLine['kind']): readonly string[] {
  return lines.flatMap(({ kind, text }) => (kind === other ? [] : text));
}

/** The length of the longest common subsequence, by the book. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const table = a.map(() => b.map(() => 0));
  for (const [i, left] of a.entries()) {
    for (const [j, right] of b.entries()) {
      const row = table[i] ?? [];
      row[j] =
        left === right ? (table[i - 1]?.[j - 1] ?? 0) + 1 : Math.max(table[i - 1]?.[j] ?? 0, row[j - 1] ?? 0);
    }
  }
  return table.at(-1)?.at(-1) ?? 0;
}

describe('compareLines', () => {
  it.each<[string, string, readonly string[]]>([
    ['', '', []],
    ['abc', 'abc', [' a', ' b', ' c']],
    ['', 'ab', ['+a', '+b']],
    ['ab', '', ['-a', '-b']],
    ['abc', 'axc', [' a', '-b', '+x', ' c']],
    ['abcd', 'acbd', [' a', '-b', ' c', '+b', ' d']],
  ])('%j and %j', (before, after, expected) => {
    expect(shown(compareLines([...before], [...after]))).toEqual(expected);
  });

  it('law: it holds both sides, and as much in common as there is', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const compared = compareLines(before, after);
        expect(side(compared, 'added')).toEqual(before);
        expect(side(compared, 'removed')).toEqual(after);
        expect(compared.filter(({ kind }) => kind === 'same')).toHaveLength(commonLength(before, after));
      }),
      { numRuns: 500 },
    );
  });

  it('gives up in linear time where nearly everything differs', () => {
    const before = Array.from({ length: 100_000 }, (_, at) => `a${at}`);
    const after = Array.from({ length: 100_000 }, (_, at) => (at % 10 === 0 ? `a${at}` : `b${at}`));
    const compared = compareLines(before, after);
    expect(side(compared, 'added')).toEqual(before);
    expect(side(compared, 'removed')).toEqual(after);
  });
});
