import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseDocuments } from '../src/config/document/index.ts';
import { casesOf, keywordCases, usedKeywords } from './keyword-cases.ts';
import { keywordPage, listedKeywords } from './keyword-page.ts';

const cases = keywordCases(join(import.meta.dirname, '..'));

it('every keyword has a case that uses it', () => {
  expect(listedKeywords().filter((path) => casesOf(path, cases).length === 0)).toEqual([]);
});

it('every keyword is in a row of the page', () => {
  const rows = keywordPage(cases).match(/^\| `.*\| .* \| .* \|$/gm) ?? [];
  expect(rows.length).toBeGreaterThanOrEqual(listedKeywords().length);
});

describe('the keywords that a file uses', () => {
  function used(text: string): readonly string[] {
    return parseDocuments({ name: 'file', text }).documents.flatMap((document) => [
      ...usedKeywords(document),
    ]);
  }

  test.each([
    ['a: {script: x}', ['job', 'job:script']],
    ['.a: {cache: [{key: {files: [x]}}]}', ['job', 'job:cache', 'job:cache:key', 'job:cache:key:files']],
    ['default: {retry: 1}', ['default', 'default:retry', 'job:retry']],
    ['default: {script: x}', ['job', 'job:script']],
    ['job: {script: x}', ['job', 'job:script']],
    ['variables: {stage: x}', ['variables']],
    [
      'a: {variables: {V: {expand: false}}}',
      ['job', 'job:variables', 'job:variables:NAME:expand', 'variables:NAME:expand'],
    ],
    ['spec: {inputs: {stage: {type: array}}}', ['spec', 'spec:inputs', 'spec:inputs:NAME:type']],
    ['a: {unheard_of: x}', ['job']],
    ['- a', []],
  ])('%s', (text, keywords) => {
    expect(used(text)).toEqual(keywords);
  });
});
