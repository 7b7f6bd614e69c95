import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { usedFields } from '../fields/test-support/used-fields.ts';
import { checkCase, planCases } from '../test-support/plan-cases.ts';
import { CLOUDBUILD_FIELDS } from './language/find.ts';
import { readCloudBuild } from './read-cloudbuild.ts';

const cases = planCases(join(import.meta.dirname, 'cases'), (path) =>
  /^cloudbuild\.(?:ya?ml|json)$/.test(path),
);

describe('a build file', () => {
  test.each(cases)('$name', (one) => checkCase(one, readCloudBuild));

  test('there is a case for every field of the language', () => {
    const used = new Set(
      cases.flatMap(({ files, file }) => [...usedFields(files[file] ?? '', CLOUDBUILD_FIELDS)]),
    );
    expect(CLOUDBUILD_FIELDS.all().flatMap(({ path }) => (used.has(path) ? [] : [path]))).toEqual([]);
  });
});
