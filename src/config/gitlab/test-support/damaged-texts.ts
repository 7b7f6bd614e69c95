import fc, { type Arbitrary } from 'fast-check';

/** The texts with a few of their characters taken out, doubled, replaced, or with other things put in. */
export function damaged(texts: readonly string[]): Arbitrary<string> {
  const damages = fc.array(damage(texts), { minLength: 1, maxLength: 4 });
  return fc
    .tuple(fc.constantFrom(...texts), damages)
    .map(([text, list]) => list.reduce((broken, strike) => strike(broken), text));
}

type Damage = (text: string) => string;

const PIECES = [
  ...[' ', '\n', '\t', '\r', '\u0000', '\ufeff', '\u2028', '\ud800', '🦊', '\u001b[31m'],
  ...[
    ':',
    ': ',
    '- ',
    '#',
    '&a ',
    '*a',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
    '{',
    '}',
    '[',
    ']',
    ',',
    '?',
    '"',
    "'",
    '\\',
  ],
  ...[
    '---\n',
    '...\n',
    '<<: ',
    '!reference [a, b]',
    '$[[ inputs.a ]]',
    '$$',
    'null',
    'true',
    '2024-01-01',
    '1e999',
  ],
  ...['a'.repeat(3_000), '['.repeat(300), '- '.repeat(300), '\n'.repeat(300)],
];

function damage(texts: readonly string[]): Arbitrary<Damage> {
  const where = fc.double({ min: 0, max: 1, noNaN: true });
  const length = fc.nat(40);
  return fc.oneof(
    fc.tuple(where, length).map(
      ([at, size]): Damage =>
        (text) =>
          cut(text, at, size, ''),
    ),
    fc.tuple(where, length).map(
      ([at, size]): Damage =>
        (text) => {
          const start = Math.floor(at * text.length);
          return cut(text, at, 0, text.slice(start, start + size));
        },
    ),
    fc.tuple(where, fc.nat(3), fc.constantFrom(...PIECES)).map(
      ([at, size, piece]): Damage =>
        (text) =>
          cut(text, at, size, piece),
    ),
    fc.tuple(where, where, length, fc.constantFrom(...texts)).map(
      ([at, from, size, other]): Damage =>
        (text) => {
          const start = Math.floor(from * other.length);
          return cut(text, at, 0, other.slice(start, start + size * 4));
        },
    ),
    where.map(
      (at): Damage =>
        (text) =>
          text.slice(0, Math.floor(at * text.length)),
    ),
  );
}

function cut(text: string, at: number, size: number, instead: string): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + instead + text.slice(start + size);
}
