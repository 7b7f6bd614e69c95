import type { TestTime } from '../../store/index.ts';

export interface TestShares {
  /** For each test, in the order given, which share it is in, from 0 on. */
  readonly shares: readonly number[];
  /** How many of the tests have a known time. */
  readonly known: number;
}

/**
 * Splits tests so that all shares take about the same time: the longest that is left goes to the share with the least to
 * do. A test of which no time is known takes the median of the others. The same tests, times and number always give the
 * same shares, whatever order the times come in.
 *
 * @param tests files or names, each once, in an order that is the same for everybody.
 */
export function splitTests(tests: readonly string[], times: readonly TestTime[], total: number): TestShares {
  const timeOf = timeFinder(times);
  const found = tests.map(timeOf);
  const known = found.filter((time) => time !== null).toSorted((a, b) => a - b);
  const median = medianOf(known);
  const order = tests
    .map((test, index) => ({ test, index, time: found[index] ?? median }))
    .toSorted((a, b) => b.time - a.time || (a.test < b.test ? -1 : 1));
  const loads = Array.from({ length: total }, () => ({ time: 0, tests: 0 }));
  const shares = new Array<number>(tests.length).fill(0);
  for (const { index, time } of order) {
    const share = lightest(loads);
    shares[index] = share;
    const load = loads[share];
    if (load === undefined) continue;
    load.time += time;
    load.tests += 1;
  }
  return { shares, known: known.length };
}

/** Of sorted numbers; 1 when there are none, so that tests are spread by their number. */
function medianOf(sorted: readonly number[]): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? 1 : (low + high) / 2;
}

function lightest(loads: readonly { readonly time: number; readonly tests: number }[]): number {
  let best = 0;
  for (const [index, load] of loads.entries()) {
    const least = loads[best] ?? load;
    // Of those with as little to do, the one with fewer tests: tests of no time at all are spread, too.
    if (load.time < least.time || (load.time === least.time && load.tests < least.tests)) best = index;
  }
  return best;
}

/**
 * How long a test takes, whatever the framework calls it in its report: a file by its path, or by the class that its path
 * makes (`tests/test_a.py` is `tests.test_a` and all classes in it, `src/test/java/a/B.java` is `a.B`); else a case, a class
 * or a suite by its name. null: nothing is known.
 */
function timeFinder(times: readonly TestTime[]): (test: string) => number | null {
  const [files, names, classes, suites] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ] as const;
  for (const { file, name, className, suite, milliseconds } of times) {
    if (file !== null) add(files, plainPath(file), milliseconds);
    add(names, name, milliseconds);
    if (suite !== '') add(suites, suite, milliseconds);
    for (const prefix of dottedPrefixes(className)) add(classes, prefix, milliseconds);
  }
  return (test) => {
    const exact = files.get(plainPath(test)) ?? names.get(test) ?? classes.get(test) ?? suites.get(test);
    if (exact !== undefined) return exact;
    const segments = plainPath(test)
      .replace(/\.[A-Za-z0-9]+$/, '')
      .split('/')
      .slice(-MOST_SEGMENTS);
    for (let from = 0; from < segments.length; from += 1) {
      const time = classes.get(segments.slice(from).join('.'));
      if (time !== undefined) return time;
    }
    return null;
  };
}

const MOST_SEGMENTS = 16;

function add(sums: Map<string, number>, key: string, milliseconds: number): void {
  if (key !== '') sums.set(key, (sums.get(key) ?? 0) + milliseconds);
}

function plainPath(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

/** `a.b.C`, `a.b` and `a`: of a class that has more parts, the longest ones. */
function dottedPrefixes(className: string): readonly string[] {
  const prefixes: string[] = [];
  for (let prefix = className; prefix !== '' && prefixes.length < MOST_SEGMENTS; ) {
    prefixes.push(prefix);
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')));
  }
  return prefixes;
}
