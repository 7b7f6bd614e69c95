import { describe, expect, test } from 'vitest';
import { printable, printableInPlace } from './printable.ts';

describe('text that is safe on a terminal', () => {
  test.each([
    ['plain text, größer ✓ 日本', 'plain text, größer ✓ 日本', 'plain text, größer ✓ 日本'],
    ['a\t\tb', 'a b', 'a  b'],
    ['one\r\ntwo', 'one two', 'one␍␊two'],
    ['\u001b[2J\u0000\u007f', '␛[2J␀␡', '␛[2J␀␡'],
    ['a\u009b2Jb', 'a\ufffd2Jb', 'a\ufffd2Jb'],
    ['a\u2028b\u2029c', 'a b c', 'a\ufffdb\ufffdc'],
    ['\u202etxt.exe\u2066x\u2069\u200f\u061c', '\ufffdtxt.exe\ufffdx\ufffd\ufffd\ufffd', null],
  ])('%j', (text, shown, inPlace) => {
    expect(printable(text)).toBe(shown);
    expect(printableInPlace(text)).toBe(inPlace ?? shown);
  });

  test('no control character is left, and in place no column moves', () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('');
    expect(printable(all)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    expect(printableInPlace(all)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    expect(printableInPlace(all)).toHaveLength(all.length);
  });
});
