import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestTime } from '../../store/index.ts';
import { splitTests } from './split-tests.ts';

const time = (given: Partial<TestTime>): TestTime => ({
  ...{ suite: '', className: '', name: '', file: null, milliseconds: 100 },
  ...given,
});

describe('tests are split', () => {
  test('so that all shares take about the same time', () => {
    const times = [8, 7, 6, 5, 4].map((seconds, n) => time({ name: `t${n}`, milliseconds: seconds * 1000 }));
    const { shares, known } = splitTests(['t0', 't1', 't2', 't3', 't4'], times, 2);
    expect(shares).toEqual([0, 1, 1, 0, 0]);
    expect(known).toBe(5);
  });

  test('into shares of as many when nothing is known', () => {
    const tests = Array.from({ length: 100 }, (_, n) => `t${n}`);
    const { shares } = splitTests(tests, [], 8);
    const sizes = Array.from({ length: 8 }, (_, share) => shares.filter((each) => each === share).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test('with the median for those of which nothing is known', () => {
    const times = [1, 100, 900].map((ms) => time({ name: `t${ms}`, milliseconds: ms }));
    const { shares } = splitTests(['new', 't1', 't100', 't900'], times, 2);
    // 900 against 100 + 100 + 1.
    expect(shares).toEqual([1, 1, 1, 0]);
  });

  test('each into one share, by the longest first: none is longer than it has to be', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 1000 }),
        (tests, total, seed) => {
          const times = tests.map((name, n) => time({ name, milliseconds: ((n + 1) * seed) % 997 }));
          const { shares } = splitTests(tests, times, total);
          expect(shares.every((share) => share >= 0 && share < total)).toBe(true);
          expect(splitTests(tests, times.toReversed(), total).shares).toEqual(shares);
          const loads = Array.from({ length: total }, (_, share) =>
            times.reduce((sum, { milliseconds }, n) => sum + (shares[n] === share ? milliseconds : 0), 0),
          );
          const all = loads.reduce((sum, load) => sum + load, 0);
          const longest = Math.max(0, ...times.map(({ milliseconds }) => milliseconds));
          expect(Math.max(...loads)).toBeLessThanOrEqual(all / total + longest);
        },
      ),
    );
  });
});

test.each([
  ['a file', './spec/a_spec.rb', time({ file: 'spec/a_spec.rb' })],
  ['a file that starts with a dot', 'spec/a_spec.rb', time({ file: './spec/a_spec.rb' })],
  ['a module of pytest', 'tests/test_a.py', time({ className: 'tests.test_a' })],
  ['the classes in it', 'tests/test_a.py', time({ className: 'tests.test_a.TestA' })],
  ['a class of Java', 'src/test/java/com/a/BTest.java', time({ className: 'com.a.BTest' })],
  ['a class by its name', 'com.a.BTest', time({ className: 'com.a.BTest' })],
  ['a suite', 'src/a.test.ts', time({ suite: 'src/a.test.ts' })],
  ['a package of Go', 'example.com/app/pkg', time({ className: 'example.com/app/pkg' })],
  ['a case', 'adds numbers', time({ name: 'adds numbers' })],
])('the time of %s is found', (_what, asked, known) => {
  expect(splitTests([asked], [known], 2).known).toBe(1);
  expect(splitTests(['another/thing.py'], [known], 2).known).toBe(0);
});

test('20,000 tests and 200,000 known times are split in no time worth speaking of', () => {
  const times = Array.from({ length: 200_000 }, (_, n) =>
    time({ className: `a.b.c${n % 20_000}`, name: `n${n}`, milliseconds: n % 5000 }),
  );
  const tests = Array.from({ length: 20_000 }, (_, n) => `a/b/c${n}.py`);
  const { known, shares } = splitTests(tests, times, 200);
  expect(known).toBe(20_000);
  expect(new Set(shares).size).toBe(200);
});
