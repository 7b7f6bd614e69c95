import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandParallel, parallelSize, selectedNames } from './parallel.ts';
import type { ParsedJob, ParsedParallel } from './parsed.ts';
import { parseJob } from './test-support/read-yaml.ts';

describe('expandParallel', () => {
  test('a count names its jobs n/total', () => {
    const instances = expandParallel(withParallel({ kind: 'count', count: 3 }));
    expect(instances.map((instance) => instance.name)).toEqual(['job 1/3', 'job 2/3', 'job 3/3']);
    expect(instances.at(-1)?.parallel).toEqual({ index: 3, total: 3 });
  });

  test('a count of one is still a parallel job', () => {
    expect(expandParallel(withParallel({ kind: 'count', count: 1 }))[0]?.parallel).toEqual({
      index: 1,
      total: 1,
    });
  });

  test('a matrix names its values in the order of its keys, the last changing fastest', () => {
    const entries = [
      [
        ['OS', ['linux', 'mac']],
        ['ARCH', ['x64', 'arm']],
      ],
      [['OS', ['windows']]],
    ] as const;
    const instances = expandParallel(withParallel({ kind: 'matrix', entries }));
    expect(instances.map((instance) => instance.name)).toEqual([
      'job: [linux, x64]',
      'job: [linux, arm]',
      'job: [mac, x64]',
      'job: [mac, arm]',
      'job: [windows]',
    ]);
    expect(Object.fromEntries(instances[1]?.matrix ?? [])).toEqual({
      OS: { value: 'linux', expand: true },
      ARCH: { value: 'arm', expand: true },
    });
    expect(instances[4]?.parallel).toEqual({ index: 5, total: 5 });
  });

  test('makes as many jobs as the product says, each with its own values', () => {
    const values = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,4}$/), { minLength: 1, maxLength: 4 });
    const entry = fc
      .array(values, { minLength: 1, maxLength: 3 })
      .map((lists) => lists.map((list, i) => [`V${i}`, list] as const));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 2 }), (entries) => {
        const parallel = { kind: 'matrix', entries } as const;
        const instances = expandParallel(withParallel(parallel));
        expect(instances).toHaveLength(parallelSize(parallel));
        const first = instances.slice(0, parallelSize({ kind: 'matrix', entries: entries.slice(0, 1) }));
        expect(new Set(first.map((instance) => instance.name)).size).toBe(first.length);
      }),
    );
  });

  test('the size of an astronomical matrix is known without making it', () => {
    const values = Array.from({ length: 100 }, (_, i) => `${i}`);
    const entry = Array.from({ length: 10 }, (_, i) => [`V${i}`, values] as const);
    expect(parallelSize({ kind: 'matrix', entries: [entry] })).toBe(1e20);
  });
});

test('selectedNames makes the names a selection means', () => {
  expect(selectedNames('b', [{ OS: ['linux'], ARCH: ['x64', 'arm'] }])).toEqual([
    'b: [linux, x64]',
    'b: [linux, arm]',
  ]);
});

const job = parseJob('job: {script: x}');

function withParallel(parallel: ParsedParallel): ParsedJob {
  return { ...job, parallel };
}
