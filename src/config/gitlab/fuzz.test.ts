import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseFiles, caseNames } from './test-support/cases.ts';
import { damaged } from './test-support/damaged-texts.ts';
import { randomPipeline } from './test-support/random-pipelines.ts';
import { faultsOfReading } from './test-support/read-anything.ts';

const context = fc.record({
  ref: fc.constantFrom('main', 'other/branch', ''),
  tag: fc.constantFrom(null, null, 'v1'),
  source: fc.constantFrom('push', 'merge_request_event', 'schedule', 'web'),
  changed_files: fc.constantFrom(null, [], ['a.yml', 'src/a/x']),
  project_variables: fc.constantFrom({}, { A: '$B', B: { value: '$A-hidden', masked: true } }),
  inputs: fc.constantFrom({}, { a: 'x', b: [1, { k: 'v' }] }, { c: null }),
});

/** What may be included, or looked for. */
const others = fc.record({ 'a.yml': randomPipeline(), 'src/a/x': fc.constant('') });

describe('whatever the file: an answer, every problem in its place, all of it can be shown', () => {
  it('for files made of the keywords of the language', async () => {
    await fc.assert(
      fc.asyncProperty(randomPipeline(), others, context, async (text, files, given) => {
        expect(await faultsOfReading({ ...files, '.gitlab-ci.yml': text }, given)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  const texts = caseNames().map((name) => caseFiles(name)['.gitlab-ci.yml'] ?? '');

  it('for files of the cases with damage done to them', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(texts), others, context, async (text, files, given) => {
        expect(await faultsOfReading({ ...files, '.gitlab-ci.yml': text }, given)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
