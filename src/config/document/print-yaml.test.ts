import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocuments, placeOf, printYaml, printYamlLines, toJson } from './index.ts';

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
  number: 15
  use: !reference [".x", "script"]
`;
  expect(printYaml(read(text))).toBe(text);
});

test.each([
  ['yes', 'true'],
  ['017', '15'],
  ['1_000', '1000'],
  ['1:30', '5400'],
  ['1.50', '1.5'],
  ['9007199254740993', '9007199254740993'],
  ['.inf', '.inf'],
  ['!!str 017', '"017"'],
])('%s is %s to every reader', (written, printed) => {
  expect(printYaml(read(`a: ${written}\n`))).toBe(`a: ${printed}\n`);
});

test('keys that are no text stay none', () => {
  expect(printYaml(read('10: a\nyes: b\n"10x": c\n~: d\n'))).toBe('10: a\nyes: b\n"10x": c\n~: d\n');
});

test('blocks keep the lines and spaces at their edges', () => {
  const text = `a:
  - |2-

     one
  - |+
    two


  - |-
    three
    four
`;
  expect(toJson(read(text))).toEqual({ a: ['\n one', 'two\n\n\n', 'three\nfour'] });
  expect(printYaml(read(text))).toBe(text);
});

test('tells where each line was written, and how it came there', () => {
  const file = `.a: &a
  script:
    - make
    - |
      one
      two
b:
  <<: *a
  stage: test
`;
  const { documents } = parseDocuments({ name: 'f', text: file });
  const [document] = documents;
  if (document === undefined) throw new Error('no document');
  const lines = printYamlLines(document).map(
    ({ text, block, span, via }) =>
      `${text}${block.length > 0 ? ` +${block.length}` : ''} @${placeOf(span).line}${via.map((step) => ` ${step.name}`).join('')}`,
  );
  expect(lines.slice(4)).toEqual([
    'b: @7',
    '  script: @2 a',
    '    - make @3 a',
    '    - | +2 @4 a',
    '  stage: test @9',
  ]);
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
      '\n',
      '\n\n a\n\n\n',
      '\ta\nb',
      ' a\n  b\n',
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
