import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../base/problem.ts';
import { contextFromJson } from '../context-json.ts';
import { formatProblem } from '../document/index.ts';
import { damaged } from '../gitlab/test-support/damaged-texts.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { planCases } from '../test-support/plan-cases.ts';
import { readCloudBuild } from './read-cloudbuild.ts';

const cases = planCases(join(import.meta.dirname, 'cases'), (path) =>
  /^cloudbuild\.(?:ya?ml|json)$/.test(path),
);
const builds = cases.map(({ files, file }) => files[file] ?? '');
const settings = cases.flatMap(({ files }) => files['slipway.yml'] ?? []);
const context = fc.record({
  ref: fc.constantFrom('main', 'other/branch', ''),
  source: fc.constantFrom('push', 'merge_request_event', 'external_pull_request_event', 'api'),
  project_variables: fc.constantFrom({}, { _A: '$_A', PROJECT_ID: '' }),
  inputs: fc.constantFrom({}, { _A: [1], _B: null, __proto__: 'x' }),
});

describe('whatever the files: an answer, and every problem in its place', () => {
  test('for files of the cases with damage done to them', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(builds), damaged(settings), context, async (build, setting, given) => {
        const sources = memorySources({ 'cloudbuild.yaml': build, 'slipway.yml': setting });
        const { context: made } = contextFromJson(given);
        const reading = await readCloudBuild({ sources, file: 'cloudbuild.yaml', context: made });
        expect(reading.problems.flatMap(faultsOf)).toEqual([]);
        expect(reading.plan === null).toBe(reading.problems.some(({ severity }) => severity === 'error'));
        const names = reading.plan?.jobs.map(({ name }) => name) ?? [];
        expect(new Set(names).size).toBe(names.length);
        const known = new Set(names);
        for (const job of reading.plan?.jobs ?? [])
          expect((job.needs ?? []).filter((need) => !known.has(need.job))).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  test('names that every object has are no fields, no classes and no builders', async () => {
    const text = [
      'steps:',
      '  - {name: gcr.io/cloud-builders/constructor, constructor: x, args: ["${_A//[[:constructor:]]/x}"]}',
      'toString: x',
      'substitutions: {_A: a}',
    ].join('\n');
    const sources = memorySources({ 'cloudbuild.yaml': text });
    const { context: made } = contextFromJson({});
    const { problems } = await readCloudBuild({ sources, file: 'cloudbuild.yaml', context: made });
    expect(problems.map(({ code }) => code)).toEqual([
      'cloudbuild-unknown-field',
      'cloudbuild-unknown-field',
    ]);
    expect(problems.flatMap(faultsOf)).toEqual([]);
  });
});

function faultsOf(problem: Problem): readonly string[] {
  const { place, hint, message } = problem;
  if (place === null || place.file === '' || place.line < 1 || place.column < 1)
    return [`no place: ${message}`];
  if (hint !== null && typeof hint !== 'string') return [`no hint: ${message}`];
  return typeof formatProblem(problem, { color: false }) === 'string' ? [] : [`not shown: ${message}`];
}
