import { describe, expect, test } from 'vitest';
import { matchesPath, parsePathGlob } from './path-glob.ts';

function matches(pattern: string, path: string): boolean {
  const parsed = parsePathGlob(pattern);
  if (parsed.kind === 'bad') throw new Error(parsed.reason);
  return matchesPath(parsed.glob, path);
}

describe('a glob matches whole paths', () => {
  test.each([
    ['a.txt', 'a.txt', true],
    ['a.txt', 'b/a.txt', false],
    ['*.txt', 'a.txt', true],
    ['*.txt', '.txt', true],
    ['*.txt', 'b/a.txt', false],
    ['*', '.env', true],
    ['?', 'ü', true],
    ['?', '😀', true],
    ['?', 'ab', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[a\\-c]x', '-x', true],
    ['[a-]', '-', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['**', 'a/b/c', true],
    ['**/c', 'c', true],
    ['**/c', 'a/b/c', true],
    ['a/**', 'a', true],
    ['a/**', 'a/b/c', true],
    ['a/**/*', 'a', false],
    ['a/**/*', 'a/b', true],
    ['a/**/c', 'a/c', true],
    ['a/**/b/**/c', 'a/x/b/y/z/c', true],
    ['a/**b', 'a/xxb', true],
    ['a/**b', 'a/x/b', false],
    ['{a,b}.txt', 'b.txt', true],
    ['{a,b/c}/d', 'b/c/d', true],
    ['{a,}b', 'b', true],
    ['{a,{b,c}}d', 'cd', true],
    ['{a}', 'a', true],
    ['[{]', '{', true],
    ['a,b', 'a,b', true],
    ['a+(b)!', 'a+(b)!', true],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });
});

test.each(['[a', 'a[', '[]', 'a\\', '{a,b', 'x/[a/b]'])('%s is refused', (pattern) => {
  expect(parsePathGlob(pattern).kind).toBe('bad');
});

describe('a hostile glob costs no time', () => {
  test('braces that multiply are refused', () => {
    expect(parsePathGlob('{a,b}'.repeat(40)).kind).toBe('bad');
  });

  test('many stars on a long name', () => {
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(250))).toBe(false);
  });

  test('many double stars on a deep path', () => {
    expect(matches('**/a/'.repeat(100), `${'a/'.repeat(200)}b`)).toBe(false);
  });
});
