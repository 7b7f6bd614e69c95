import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { usedFields } from '../fields/test-support/used-fields.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { checkCase, planCases } from '../test-support/plan-cases.ts';
import { CODEBUILD_FIELDS } from './language/find.ts';
import { readBuildspec } from './read-buildspec.ts';

const cases = planCases(join(import.meta.dirname, 'cases'), (path) => path === 'buildspec.yml');

describe('a buildspec', () => {
  test.each(cases)('$name', (one) => checkCase(one, readBuildspec));

  test('there is a case for every key of the language', () => {
    const used = new Set(
      cases.flatMap(({ files, file }) => [...usedFields(files[file] ?? '', CODEBUILD_FIELDS)]),
    );
    expect(CODEBUILD_FIELDS.all().flatMap(({ path }) => (used.has(path) ? [] : [path]))).toEqual([]);
  });
});

test.each(cases.filter(({ expected }) => expected.valid))(
  'of $name every place is in the file',
  async (one) => {
    const { files, file, context } = one;
    const reading = await readBuildspec({ sources: memorySources(files), file, context });
    expect(reading.placeOf('build', 'script')?.file).toBe(file);
    expect(reading.placeOf('other', 'script')).toBeNull();
  },
);
