import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codesInSources, documentedCodes, sourceFiles, unfindableCodes } from './error-codes.ts';

const root = join(import.meta.dirname, '..');

it('every error code has a section in docs/errors.md', () => {
  const documented = new Set(documentedCodes(root));
  const missing = [...codesInSources(root)].filter(([code]) => !documented.has(code));
  expect(missing.map(([code, place]) => `${code} (${place})`)).toEqual([]);
});

it('docs/errors.md has no section for a code that is gone, and none twice', () => {
  const used = codesInSources(root);
  const documented = documentedCodes(root);
  expect(documented.filter((code) => !used.has(code))).toEqual([]);
  expect(documented.filter((code, at) => documented.indexOf(code) !== at)).toEqual([]);
});

it('every code is written out, so that it can be searched for', () => {
  const found = sourceFiles(join(root, 'src')).flatMap((path) =>
    unfindableCodes(readFileSync(path, 'utf8')).map((use) => `${path}:${use}`),
  );
  expect(found).toEqual([]);
});

it.each([
  'report(span, `undefined-${kind}`, message);',
  'report(span(), `${kind}-in-later-stage`, message);',
  "problemAt(span, { code: 'extends', message });",
])('finds the code in %s', (text) => {
  expect(unfindableCodes(text)).toHaveLength(1);
});
