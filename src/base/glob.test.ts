import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, isPlainPath } from './glob.ts';

describe('compileGlob', () => {
  // Each answer was asked of File.fnmatch? itself.
  test.each<[string, string, boolean]>([
    ['[a', '[a', false],
    ['{a', '{a', false],
    ['{a,b', 'a', false],
    ['a}', 'a}', true],
    ['{a,{b,c}}', 'c', true],
    ['{a,b/**}/c', 'b/x/c', true],
    ['{**/,}a', 'x/y/a', true],
    ['{*,x}*/a', 'p/q/a', true],
    ['\\{a,b}', '{a,b}', true],
    ['{a\\,b,c}', 'a,b', true],
    ['[]', 'a', false],
    ['[^]', 'a', true],
    ['[a-]', '-', true],
    ['[z-a]', 'b', false],
    ['[a-c-e]', '-', true],
    ['[[:alpha:]]', 'a', false],
    ['a[/]b', 'a/b', false],
    ['a\\', 'a', true],
    ['?', 'é', true],
    ['*', '', true],
    ['**/', 'a/', true],
    ['**/x', 'a//x', true],
    ['a**/b', 'ac/b', true],
    ['a**/b', 'a/c/b', false],
    ['**/a/**/b', 'x/a/y/z/b', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(compileGlob(pattern).matches(path)).toBe(expected);
  });

  test('is compiled once', () => {
    expect(compileGlob('src/*.ts')).toBe(compileGlob('src/*.ts'));
  });

  test('a hostile pattern is answered at once', () => {
    expect(compileGlob(`${'*a'.repeat(200)}b`).matches('a'.repeat(4_000))).toBe(false);
    expect(compileGlob(`${'**/a/'.repeat(200)}b`).matches('a/'.repeat(2_000))).toBe(false);
    expect(compileGlob('{'.repeat(50_000)).matches('a')).toBe(false);
  });

  test('a glob that would be more than 200 patterns matches everything', () => {
    expect(compileGlob('{a,b}'.repeat(30)).matches('zzz')).toBe(true);
  });

  test('agrees with a matcher that tries everything', () => {
    const piece = fc.constantFrom('a', 'b', '.', '/', '*', '**/', '?', '[ab]', '[!a]', '{a,b/}', '{*,}');
    const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const path = fc
      .array(fc.constantFrom('a', 'b', '.', '/'), { maxLength: 7 })
      .map((chars) => chars.join(''));
    fc.assert(
      fc.property(pattern, path, (p, s) => {
        expect(compileGlob(p).matches(s)).toBe(expandNaively(p).some((one) => matchNaively(one, s, true)));
      }),
      { numRuns: 2_000 },
    );
  });
});

test('isPlainPath', () => {
  expect(isPlainPath('src/a.ts')).toBe(true);
  expect(isPlainPath('src/*.ts')).toBe(false);
});

function expandNaively(pattern: string): readonly string[] {
  const group = /\{([^{}]*)\}/.exec(pattern);
  if (group === null) return [pattern];
  return (group[1] ?? '').split(',').flatMap((choice) => expandNaively(pattern.replace(group[0], choice)));
}

function matchNaively(pattern: string, text: string, atName: boolean): boolean {
  if (pattern === '') return text === '';
  if (atName && pattern.startsWith('**/')) {
    const slash = text.indexOf('/');
    return (
      matchNaively(pattern.slice(3), text, true) ||
      (slash >= 0 && matchNaively(pattern, text.slice(slash + 1), true))
    );
  }
  const [first] = text;
  const token = /^(\[!?ab?\]|.)/.exec(pattern)?.[0] ?? '';
  const rest = pattern.slice(token.length);
  if (token === '*') {
    return (
      matchNaively(rest, text, false) ||
      (first !== undefined && first !== '/' && matchNaively(pattern, text.slice(1), false))
    );
  }
  if (first === undefined || !oneMatches(token, first)) return false;
  return matchNaively(rest, text.slice(1), token === '/');
}

function oneMatches(token: string, char: string): boolean {
  if (token === '?') return char !== '/';
  if (token === '[ab]') return char === 'a' || char === 'b';
  if (token === '[!a]') return char !== 'a' && char !== '/';
  return token === char;
}
