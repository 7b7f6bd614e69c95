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
  'of $name every place is in the files',
  async (one) => {
    const { files, file, context } = one;
    const reading = await readBuildspec({ sources: memorySources(files), file, context });
    for (const { name } of reading.plan?.jobs ?? []) {
      expect(Object.keys(files)).toContain(reading.placeOf(name, 'script')?.file);
      expect(reading.placeOf(name, 'name')?.file).toBe(file);
    }
    expect(reading.placeOf('other', 'script')).toBeNull();
  },
);

test('a job of a batch has its places in the batch, and in its own buildspec', async () => {
  const one = cases.find(({ name }) => name === '049-batch-graph') ?? expect.fail('no such case');
  const reading = await readBuildspec({ sources: memorySources(one.files), ...one });
  const place = (keyword: string) => {
    const found = reading.placeOf('lint', keyword);
    return `${found?.file}:${found?.line}`;
  };
  expect(place('name')).toBe('buildspec.yml:6');
  expect(place('allow_failure')).toBe('buildspec.yml:8');
  expect(place('needs')).toBe('buildspec.yml:10');
  expect(place('script')).toBe('lint.yml:6');
});
