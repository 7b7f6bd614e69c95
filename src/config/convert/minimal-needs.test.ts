import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minimalNeeds } from './minimal-needs.ts';

interface Node {
  readonly name: string;
  readonly needs: readonly { readonly job: string }[];
}

const needs = (names: string): Node['needs'] =>
  names === '' ? [] : names.split(' ').map((job) => ({ job }));

test('of a chain each needs the one before, and a diamond keeps both sides', () => {
  const jobs = [
    { name: 'a', needs: needs('') },
    { name: 'b', needs: needs('a') },
    { name: 'c', needs: needs('a') },
    { name: 'd', needs: needs('a b c') },
  ];
  expect([...minimalNeeds(jobs)]).toEqual([
    ['a', []],
    ['b', ['a']],
    ['c', ['a']],
    ['d', ['b', 'c']],
  ]);
});

test('who waits for whom stays the same, and no need can be left out', () => {
  const graph = fc.array(fc.array(fc.nat()), { maxLength: 12 }).map((rows) =>
    rows.map(
      (row, index): Node => ({
        name: `${index}`,
        needs:
          index === 0 ? [] : [...new Set(row.map((target) => `${target % index}`))].map((job) => ({ job })),
      }),
    ),
  );
  fc.assert(
    fc.property(graph, (jobs) => {
      const minimal = minimalNeeds(jobs);
      const reduced = jobs.map(({ name }) => ({
        name,
        needs: (minimal.get(name) ?? []).map((job) => ({ job })),
      }));
      expect(closure(reduced)).toEqual(closure(jobs));
      for (const { name, needs: kept } of reduced)
        for (const { job } of kept) {
          const others = reduced.map((one) =>
            one.name === name ? { name, needs: kept.filter((need) => need.job !== job) } : one,
          );
          expect(closure(others)).not.toEqual(closure(jobs));
        }
    }),
  );
});

function closure(jobs: readonly Node[]): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const { name, needs: direct } of jobs)
    all.set(name, [...new Set(direct.flatMap(({ job }) => [job, ...(all.get(job) ?? [])]))].sort());
  return all;
}
