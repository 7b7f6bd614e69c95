import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { type PlanCase, planCases } from '../test-support/plan-cases.ts';
import { convertAndCompare } from './test-support/plan-differences.ts';

const CASES: readonly PlanCase[] = [
  ...planCases(join(import.meta.dirname, '../codebuild/cases'), (path) => path === 'buildspec.yml'),
  ...planCases(join(import.meta.dirname, '../cloudbuild/cases'), (path) =>
    /^cloudbuild\.(?:ya?ml|json)$/.test(path),
  ),
].filter(({ expected }) => expected.valid);

describe('a converted file plans the same jobs, but for what was reported', () => {
  test.each(CASES)('$name', async ({ files, file, context }) => {
    const compared = await convertAndCompare({ sources: memorySources(files), file, context });
    expect(compared?.differences, compared?.conversion.text).toEqual([]);
  });
});
