import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocuments, printYaml, toJson } from './index.ts';

function read(text: string) {
  const { documents, problems } = parseDocuments({ name: 'f', text });
  expect(problems).toEqual([]);
  const [document] = documents;
  if (document === undefined) throw new Error('no document');
  return document;
}

test('prints blocks, and quotes what looks like another type', () => {
  const text = `job:
  script:
    - make
    - |
      one

      two
    - "yes"
    - "1:30"
    - "a: b"
    - ""
  empty: {}
  none: []
  nothing: null
  nested:
    - - a
      - b
    - k: v
      l: w
  number: 017
  use: !reference [".x", "script"]
`;
  expect(printYaml(read(text))).toBe(text);
});

test('law: what is printed reads back as the same value', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'yes',
      'NO',
      '~',
      '1',
      '0x1',
      '1e3',
      '.5',
      '2020-01-01',
      '- a',
      '# a',
      'a #b',
      'a: b',
      '<<',
      '=',
      '|',
      'a\nb',
      'a\n',
      'a\n\n',
      '\na',
      ' a',
      'a ',
      'a\n b\n\tc',
      '"',
      "'",
      '?',
      '!x',
      '&a',
      '*a',
      '%a',
      '@a',
      '`',
      '---',
      '...',
      'null',
      '1_000',
      '12:30:45',
      ':a',
      'a:',
      '-',
      '--- a',
      'a\n---\nb',
      'y',
      'Off',
    ),
  );
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('node'), { maxLength: 4 }),
    map: fc.dictionary(
      text.filter((key) => key !== '<<'),
      tie('node'),
      { maxKeys: 4 },
    ),
  })).map;
  fc.assert(
    fc.property(value, (given) => {
      const node = read(
        JSON.stringify(given).replaceAll(
          /[\u007f-\u009f\ufeff\ufffe\uffff\u2028\u2029]/g,
          (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
      );
      expect(toJson(read(printYaml(node)))).toEqual(toJson(node));
    }),
    { numRuns: 2000 },
  );
});
