import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { plainRegex } from './plain-regex.ts';

describe('plainRegex', () => {
  test.each([
    ['^rel', true],
    ['-rc$', true],
    ['^v\\d+\\.\\d+\\.\\d+$', true],
    ['^feature/.*', true],
    ['^[a-z0-9.-]+$', true],
    ['^a+b?', false],
    ['^a+b+', true],
    ['a\\$', true],
    ['', true],
    // Where to stop is not decided by the next character, or not from the start on.
    ['^.*a', false],
    ['^a+a', false],
    ['^a*b?a', false],
    ['\\d+x', false],
    // More than plain, or perhaps wrong.
    ['main|master', false],
    ['(a)', false],
    ['a{2}', false],
    ['^a+?', false],
    ['^a$b', false],
    ['[z-a]', false],
    ['[a', false],
    ['a\\', false],
    ['\\p{L}', false],
    ['ä', false],
  ])('%s: %s', (pattern, plain) => {
    expect(plainRegex(pattern) !== null).toBe(plain);
  });

  test('means what RE2 means', () => {
    const atom = fc.constantFrom(
      ...['a', 'b', '.', '\\.', '\\d', '[a-c]', '[0-9a]', '[.b-]', '-', ' ', '\\\\', '\\$'],
    );
    const piece = fc.tuple(atom, fc.constantFrom('', '', '+', '*', '?')).map((parts) => parts.join(''));
    const pattern = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { maxLength: 5 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => start + pieces.join('') + end);
    const character = fc.constantFrom(
      ...['a', 'b', 'c', '1', '.', '-', ' ', '\n', '\r', '\u2028', '\\', '$', '😀', 'ä'],
    );
    const text = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(''));
    let plain = 0;
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        const regex = plainRegex(pattern);
        if (regex === null) return;
        plain++;
        expect(regex.test(text)).toBe(RE2JS.compile(pattern).test(text));
      }),
      { numRuns: 2_000 },
    );
    expect(plain).toBeGreaterThan(300);
  });
});
