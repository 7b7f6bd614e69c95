import { describe, expect, test } from 'vitest';
import type { TestResult } from '../../store/index.ts';
import { type CollectLimits, collectTests } from './collect-tests.ts';

async function collect(text: string, limits: Partial<CollectLimits> = {}) {
  const results: TestResult[] = [];
  const most = { value: 0 };
  const collected = await collectTests(chunks(Buffer.from(text)), {
    type: 'junit',
    job: 'test',
    limits,
    keep: async (some) => {
      most.value = Math.max(most.value, some.length);
      expect(new Set(some.map(({ hash }) => hash)).size).toBe(some.length);
      results.push(...some);
    },
  });
  return { ...collected, results, most: most.value };
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 10_000) yield bytes.subarray(from, from + 10_000);
}

const suite = (cases: string) => `<testsuite name="s">${cases}</testsuite>`;

describe('the tests of a job', () => {
  test('are counted, and kept a few hundred at a time', async () => {
    const cases = Array.from({ length: 3000 }, (_, n) => `<testcase name="t${n}" time="0.010"/>`);
    const found = await collect(suite(cases.join('')));
    expect(found).toMatchObject({ total: 3000, failed: 0, milliseconds: 30_000, problem: null });
    expect(found.results).toHaveLength(3000);
    expect(found.most).toBeLessThanOrEqual(1000);
  });

  test('count once when they come twice, with the worse outcome, and are flaky', async () => {
    const found = await collect(
      suite('<testcase name="a" time="1"><failure>no</failure></testcase><testcase name="a" time="2"/>'),
    );
    expect(found).toMatchObject({ total: 1, failed: 1, milliseconds: 3000 });
    expect(found.results).toMatchObject([{ outcome: 'failed', milliseconds: 3000, output: 'no' }]);
    expect(found.flaky).toEqual([found.results[0]?.hash]);
  });

  test('are read up to a limit, and that is said', async () => {
    const cases = Array.from({ length: 50 }, (_, n) => `<testcase name="t${n}"/>`);
    const found = await collect(suite(cases.join('')), { cases: 10 });
    expect(found).toMatchObject({ total: 10, problem: 'it has more than 10 cases' });
    expect(found.results).toHaveLength(10);
  });

  test('keep no more of names and outputs than the limits', async () => {
    const failure = `<failure>${'x'.repeat(5000)}</failure>`;
    const cases = Array.from(
      { length: 4 },
      (_, n) => `<testcase name="${n}${'n'.repeat(5000)}">${failure}</testcase>`,
    );
    const found = await collect(suite(cases.join('')), { name: 100, output: 1000, outputs: 2000 });
    expect(found.results.map(({ name, output }) => [name.length, output?.length ?? null])).toEqual([
      [100, 1000],
      [100, 1000],
      [100, null],
      [100, null],
    ]);
  });

  test('are those before what is not XML', async () => {
    const found = await collect('<testsuite name="s"><testcase name="a"/><testcase name="b" <');
    expect(found.total).toBe(1);
    expect(found.problem).not.toBeNull();
  });
});
