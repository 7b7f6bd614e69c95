import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextFromJson } from '../context-json.ts';
import { formatProblem } from '../document/index.ts';
import { damaged } from '../gitlab/test-support/damaged-texts.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { planCases } from '../test-support/plan-cases.ts';
import { MOST_BUILDS } from './batch/batch.ts';
import { readBuildspec } from './read-buildspec.ts';

const cases = planCases(join(import.meta.dirname, 'cases'), (path) => path === 'buildspec.yml');
const buildspecs = cases.map(({ files, file }) => files[file] ?? '');
const batches = buildspecs.filter((text) => text.includes('batch:'));
const others = cases.flatMap(({ files, file }) =>
  Object.entries(files).flatMap(([path, text]) => (path !== file && path.endsWith('.yml') ? [text] : [])),
);
const { context } = contextFromJson({});

async function read(files: Readonly<Record<string, string>>) {
  return await readBuildspec({ sources: memorySources(files), file: 'buildspec.yml', context });
}

describe('whatever the files: an answer, and every problem in its place', () => {
  test.each([
    ['all', buildspecs],
    ['batches', batches],
  ])('for files of the cases (%s) with damage done to them', async (_what, texts) => {
    await fc.assert(
      fc.asyncProperty(
        damaged(texts),
        damaged(others),
        damaged(['codebuild: {batch: true}']),
        async (...files) => {
          const [buildspec, other, settings] = files;
          const named = Object.fromEntries(
            ['ci/small.yml', 'lint.yml', 'one.yml', 'two.yml', 'wrong.yml'].map((path) => [path, other]),
          );
          const { plan, problems, placeOf } = await read({
            'buildspec.yml': buildspec,
            'slipway.yml': settings,
            ...named,
          });
          for (const problem of problems) {
            const { place, message } = problem;
            expect(place?.file === '' || (place?.line ?? 0) < 1 || (place?.column ?? 0) < 1, message).toBe(
              false,
            );
            expect(formatProblem(problem, { color: false })).not.toBe('');
          }
          expect(plan === null).toBe(problems.some(({ severity }) => severity === 'error'));
          const jobs = plan?.jobs ?? [];
          const names = new Set(jobs.map(({ name }) => name));
          expect(names.size).toBe(jobs.length);
          expect(jobs.length).toBeLessThanOrEqual(MOST_BUILDS);
          for (const { name, needs } of jobs) {
            expect((needs ?? []).filter(({ job }) => !names.has(job))).toEqual([]);
            expect(placeOf(name, 'script')).not.toBeNull();
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('names that every object has are names like others', async () => {
    const { plan, problems } = await read({
      'buildspec.yml': [
        'version: 0.2',
        'toString: x',
        'env: {variables: {constructor: a, __proto__: b}}',
        'batch:',
        '  build-graph:',
        '    - identifier: constructor',
        '    - {identifier: __proto__, depend-on: [constructor], env: {variables: {hasOwnProperty: c}}}',
        '    - {identifier: valueOf, depend-on: [toString]}',
        'phases: {build: {commands: [make]}}',
      ].join('\n'),
    });
    expect(problems.map(({ code, place }) => `${place?.line} ${code}`)).toEqual([
      '8 buildspec-wrong-value',
      '2 buildspec-unknown-key',
    ]);
    expect(plan).toBeNull();
  });

  test('a chain of builds is as deep as it may be, a matrix as wide', async () => {
    const chain = Array.from(
      { length: MOST_BUILDS },
      (_, index) => `    - {identifier: b${index}, depend-on: [${index === 0 ? '' : `b${index - 1}`}]}`,
    );
    const phases = 'phases: {build: {commands: [make]}}';
    const deep = await read({
      'buildspec.yml': ['version: 0.2', 'batch:', '  build-graph:', ...chain, phases].join('\n'),
    });
    expect(deep.plan?.jobs).toHaveLength(MOST_BUILDS);
    const values = `[${Array.from({ length: 10 }, (_, index) => index).join(', ')}]`;
    const axes = Array.from({ length: 300 }, (_, index) => `V${index}: ${values}`).join(', ');
    const wide = await read({
      'buildspec.yml': [
        'version: 0.2',
        `batch: {build-matrix: {dynamic: {env: {variables: {${axes}}}}}}`,
        phases,
      ].join('\n'),
    });
    expect(wide.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('100 builds at most'),
    ]);
  });
});
