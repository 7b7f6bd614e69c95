import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseDocuments, toJson } from '../document/index.ts';
import { planCases } from '../test-support/plan-cases.ts';
import { cloudbuildSchema } from './json-schema.ts';

const isBuildFile = (path: string): boolean => /^cloudbuild\.(?:ya?ml|json)$/.test(path);
const cases = planCases(join(import.meta.dirname, 'cases'), isBuildFile);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(cloudbuildSchema());

/** Cases whose fault is one of kinds and names, which a schema can see. */
const SEEN = ['cloudbuild-unknown-field', 'cloudbuild-wrong-value'];
/** Faults of those codes that only reading sees: of texts that are put together, and of lists of files. */
const UNSEEN = /empty|gs:\/\/|one document|twice|-error-script|whole/;

describe('the JSON Schema', () => {
  test.each(cases.filter(({ expected }) => expected.valid))('takes $name', ({ files, file }) => {
    validate(json(files[file] ?? ''));
    expect(validate.errors ?? []).toEqual([]);
  });

  const refused = cases.filter(({ expected }) =>
    (expected.problems ?? []).some(
      ({ code, severity, contains = '' }) =>
        severity !== 'warning' && SEEN.includes(code) && !UNSEEN.test(contains),
    ),
  );
  test.each(refused)('refuses $name', ({ files, file }) => {
    expect(validate(json(files[file] ?? ''))).toBe(false);
  });
});

function json(text: string): unknown {
  const [document] = parseDocuments({ name: 'cloudbuild.yaml', text }).documents;
  return document === undefined ? null : toJson(document);
}
