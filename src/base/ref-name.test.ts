import { expect, test } from 'vitest';
import { isRefName } from './ref-name.ts';

test.each(['main', 'v1.0', 'feature/login', '$CI_COMMIT_SHA', '1a2b3c4', '@', 'a.b-c_d', 'grün'])(
  '%j is a name',
  (name) => {
    expect(isRefName(name)).toBe(true);
  },
);

test.each([
  '',
  'HEAD',
  '-x',
  'refs/heads/main',
  'a..b',
  'a b',
  'a//b',
  'a/',
  'a.',
  'a/.b',
  'a.lock/b',
  'a@{1}',
  'a\\b',
  'a\u0007',
  'what?',
])('%j is none', (name) => {
  expect(isRefName(name)).toBe(false);
});
