import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseDocuments, toJson } from '../document/index.ts';
import { planCases } from '../test-support/plan-cases.ts';
import { codebuildSchema } from './json-schema.ts';

const cases = planCases(join(import.meta.dirname, 'cases'), (path) => path === 'buildspec.yml');
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(codebuildSchema());

/** CodeBuild passes over keys that it does not know; an editor should not. */
const hasUnknown = ({ expected, file: own }: (typeof cases)[number]): boolean =>
  (expected.problems ?? []).some(({ code, file = own }) => code === 'buildspec-unknown-key' && file === own);

describe('the JSON Schema', () => {
  test.each(cases.filter((one) => one.expected.valid && !hasUnknown(one)))('takes $name', (one) => {
    validate(json(one.files[one.file] ?? ''));
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each(cases.filter(hasUnknown))('refuses $name', ({ files, file }) => {
    expect(validate(json(files[file] ?? ''))).toBe(false);
  });

  test.each([
    ['no version', 'phases: {build: {commands: [make]}}'],
    ['another version', 'version: 0.3\nphases: {}'],
    ['no phases', 'version: 0.2'],
    ['a batch of no kind', 'version: 0.2\nbatch: {build-lists: []}'],
    ['another format', 'version: 0.2\nphases: {}\nreports: {a: {files: x, file-format: XML}}'],
    ['a command that is a mapping', 'version: 0.2\nphases: {build: {commands: [{echo: x}]}}'],
    ['a list of variables', 'version: 0.2\nenv: {variables: [A]}\nphases: {}'],
  ])('refuses %s', (_what, text) => {
    expect(validate(json(text))).toBe(false);
  });
});

function json(text: string): unknown {
  const [document] = parseDocuments({ name: 'buildspec.yml', text }, { afterBackslash: true }).documents;
  return document === undefined ? null : toJson(document);
}
