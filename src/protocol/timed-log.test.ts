import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTimedLog } from './timed-log.ts';

const at = (flags: string) => `2026-11-29T12:58:37.123456Z ${flags}`;
const long = 'x'.repeat(9000);

test.each([
  ['nothing', '', ''],
  ['lines of both streams', `${at('00O ')}one\n${at('01E ')}two\n`, 'one\ntwo\n'],
  ['empty lines', `${at('00O ')}\n${at('00O ')}\n`, '\n\n'],
  ['a last line without an end', `${at('00O ')}one\n${at('00O ')}two`, 'one\ntwo'],
  ['a long line in pieces', `${at('01O ')}${long}\n${at('01O+')}tail\n`, `${long}tail\n`],
  [
    'what a carriage return writes over',
    `${at('01O ')} 10%\r\n${at('01O+')} 20%\r\n${at('01O+')}done\n${at('01O ')}next\n`,
    ' 10%\r 20%\rdone\nnext\n',
  ],
  ['a section that is over', `${at('00O ')}section_end:1:a\r\u001b[0K\n`, 'section_end:1:a\r\u001b[0K\n'],
  ['lines of the server between', `${at('00O ')}one\nERROR: Job failed\n`, 'one\nERROR: Job failed\n'],
  ['a header that breaks off', `${at('00O ')}one\n2026-11-29T12`, 'one\n2026-11-29T12'],
  ['a log that shows another', `one\n${at('00O ')}two\n`, `one\n${at('00O ')}two\n`],
  ['a short first line', `hi\n${at('00O ')}two\n`, `hi\n${at('00O ')}two\n`],
  ['what only looks like it', `${at('0gO ')}one\n`, `${at('0gO ')}one\n`],
])('%s', (_name, kept, written) => {
  expect(read([kept])).toBe(written);
  expect(read([...kept].map((letter) => letter))).toBe(written);
});

test('a line is given whole as soon as it is there', () => {
  const reader = readTimedLog();
  expect(text(reader.take(Buffer.from(`${at('00O ')}waiting\n`)))).toBe('waiting\n');
});

test('is the same wherever it is cut', () => {
  const piece = fc.constantFrom('a', '\r', '\n', '2026-', at('00O '), at('01E+'), '\u20ac', long);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(400)), (pieces, cuts) => {
      const kept = Buffer.from(pieces.join(''));
      const places = [0, ...cuts.map((cut) => Math.min(cut, kept.length)).sort((a, b) => a - b), kept.length];
      const parts = places.slice(1).map((end, index) => kept.subarray(places[index], end));
      expect(read(parts)).toBe(read([kept]));
    }),
  );
});

function read(parts: readonly (string | Uint8Array)[]): string {
  const reader = readTimedLog();
  const given = parts.map((part) => reader.take(Buffer.from(part)));
  return Buffer.concat([...given, reader.end()]).toString();
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
