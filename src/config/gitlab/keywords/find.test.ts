import { expect, it, test } from 'vitest';
import { findKeyword, ROOT_KEYWORDS } from './find.ts';

test.each([
  [['stages'], 'stages'],
  [['unit'], 'job'],
  [['unit', 'artifacts', 'reports', 'junit'], 'job:artifacts:reports:junit'],
  [['unit', 'rules', 'changes', 'compare_to'], 'job:rules:changes:compare_to'],
  [['unit', 'variables', 'PORT', 'expand'], 'job:variables:NAME:expand'],
  [['unit', 'variables', 'PORT'], 'job:variables:NAME'],
  [['unit', 'trigger', 'include', 'local'], 'job:trigger:include:local'],
  [['default', 'retry', 'max'], 'default:retry:max'],
  [['spec', 'inputs', 'replicas', 'type'], 'spec:inputs:NAME:type'],
])('%j is %s', (keys, path) => {
  expect(findKeyword(keys)?.path).toBe(path);
});

test.each([[[]], [['unit', 'scripts']], [['stages', 'x']], [['unit', 'constructor']]])(
  'nothing stands at %j',
  (keys) => {
    expect(findKeyword(keys)).toBeNull();
  },
);

it('tells what can stand below a keyword, and what it can be', () => {
  expect(findKeyword(['unit', 'cache'])?.below).toContain('fallback_keys');
  expect(findKeyword(['unit', 'cache', 'when'])?.words).toEqual(['on_success', 'on_failure', 'always']);
  expect(ROOT_KEYWORDS).toContain('include');
});

it('tells the same of a keyword of `default` as of a job', () => {
  const found = findKeyword(['default', 'id_tokens']);
  expect(found?.keyword).toBe(findKeyword(['unit', 'id_tokens'])?.keyword);
  expect(found?.treatment.kind).toBe('not-acted-on');
});

it('gives a name that a person chooses no text', () => {
  expect(findKeyword(['variables', 'PORT'])?.keyword).toBeNull();
});
