import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../pipeline/index.ts';
import { formatProblem, type Node, parseDocuments, placeOf, toJson } from './index.ts';

function parse(text: string) {
  const { documents, problems } = parseDocuments({ name: 'ci.yml', text });
  return {
    documents,
    values: documents.map(toJson),
    problems: problems.map(
      ({ severity, code, message, place }) =>
        `${place?.line}:${place?.column} ${severity} ${code} ${message}`,
    ),
  };
}

describe('values', () => {
  test.each<[string, string, Json]>([
    ['booleans as keys', 'on: {yes: no}', { true: { true: false } }],
    ['numbers as keys', '017: a', { 15: 'a' }],
    ['quotes keep text', '"yes": \'017\'', { yes: '017' }],
    ['empty values', 'a:\nb: ~\nc: [, ]'.replace('[, ]', '[]'), { a: null, b: null, c: [] }],
    ['literal block', 'a: |\n  one\n   two\n\nb: 1', { a: 'one\n two\n', b: 1 }],
    ['folded block', 'a: >-\n  one\n  two', { a: 'one two' }],
    ['a value of several lines', 'a: one\n  two', { a: 'one two' }],
    ['alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['merge', 'a: &x {k: 1, l: 1}\nb:\n  <<: *x\n  k: 2', { a: { k: 1, l: 1 }, b: { k: 2, l: 1 } }],
    [
      'merge of a list: earlier beats later',
      'a: &x {k: x, l: x}\nb: &y {k: y, m: y}\nc: {<<: [*x, *y]}',
      { a: { k: 'x', l: 'x' }, b: { k: 'y', m: 'y' }, c: { k: 'x', m: 'y', l: 'x' } },
    ],
    [
      'merge is shallow',
      'a: &x {v: {p: 1}}\nb: {<<: *x, v: {q: 2}}',
      { a: { v: { p: 1 } }, b: { v: { q: 2 } } },
    ],
    [
      'merge of a merge',
      'a: &x {k: 1}\nb: &y {<<: *x, l: 2}\nc: {<<: *y}',
      {
        a: { k: 1 },
        b: { k: 1, l: 2 },
        c: { k: 1, l: 2 },
      },
    ],
    ['tags', 'a: !!str 017\nb: !!int "3"\nc: ! 3', { a: '017', b: 3, c: 3 }],
    [
      'prototype names are keys like others',
      '__proto__: {x: 1}\nconstructor: 2',
      JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
    ],
    ['pairs in a list', '[a: 1, b]', [{ a: 1 }, 'b']],
  ])('%s', (_, text, value) => {
    const { values, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(values).toEqual([value]);
  });

  test.each<[string, string, Json]>([
    [
      'a bracket under its key',
      'job:\n  script: [\n    a,\n    b\n  ]\n  x: |\n    [\n',
      { job: { script: ['a', 'b'], x: '[\n' } },
    ],
    ['a brace at the margin', 'a: {\n b: 1, # c }\n}\nc: "d\ne" # f\n', { a: { b: 1 }, c: 'd e' }],
    ['tabs in a list', 'a: [x,\n\ty]', { a: ['x', 'y'] }],
    [
      'quotes over lines',
      "a: 'it''s\nit'\nb: [ \"]\",\n'[' ]\n- x: 1".replace('\n- x: 1', ''),
      { a: "it's it", b: [']', '['] },
    ],
    [
      'after blocks and tags',
      'a:\n  - |\n    [ "\n  - !reference [\n  x\n  ]\nb: &x {\nc: it is\n}\n',
      { a: ['[ "\n', ['!reference', 'x']], b: { c: 'it is' } },
    ],
  ])('flow style may be indented as one likes: %s', (_, text, value) => {
    const { values, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(values).toEqual([value]);
  });

  test('places stay those of the file when its lines had to be indented', () => {
    expect(parse('a: [\nb,\n2020-01-01\n]\nc: *x').problems).toEqual([
      '3:1 error yaml-unquoted-date Tried to load unspecified class: Date',
      '5:4 error yaml-alias Unknown alias: x',
    ]);
    expect(parse('a: [\nb\n]\nc: d: e').problems[0]).toMatch(/^4:5 error yaml-syntax/);
  });

  test('a line after a backslash may start below its dash, if that is asked for', () => {
    const text =
      'a:\n  - b: [\n  ]\n  - get x/\\\n  y\n  - cp s \\\n  t --u \\ \n    --v\n  - "z\\\n    z"\nb: *x';
    expect(parse(text).problems[0]).toMatch(/error yaml-syntax/);
    const file = { name: 'buildspec.yml', text: text.replace('*x', 'c').replace('- b: [\n  ]', '- b') };
    const { documents, problems } = parseDocuments(file, { afterBackslash: true });
    expect(documents.map(toJson)).toEqual([{ a: ['b', 'get x/\\ y', 'cp s \\ t --u \\ --v', 'zz'], b: 'c' }]);
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'yaml-continuation', place: { line: 4, column: 3, endColumn: 4 } },
      { severity: 'warning', code: 'yaml-continuation', place: { line: 6, column: 3, endColumn: 10 } },
    ]);
  });

  test.each([
    ['nothing to continue', 'a: {\\\nb'],
    ['no list', 'a: b\\\nc'],
    ['a mistake elsewhere', '- a\\\nb\n- c: d: e'],
  ])('a line after a backslash: %s', (_, text) => {
    const { documents, problems } = parseDocuments({ name: 'buildspec.yml', text }, { afterBackslash: true });
    expect(documents).toEqual([]);
    expect(problems).toMatchObject([{ severity: 'error', code: 'yaml-syntax' }]);
  });

  test('a file of comments has no document', () => {
    expect(parse('# nothing\n').values).toEqual([]);
  });

  test('documents are kept apart, and anchors do not cross them', () => {
    expect(parse('a: &x 1\n---\nb: *x').problems).toEqual(['3:4 error yaml-alias Unknown alias: x']);
    expect(parse('---\nspec: {}\n---\nb: 1').values).toEqual([{ spec: {} }, { b: 1 }]);
  });

  test('a reference is a node of its own', () => {
    expect(parse('a: !reference [.x, script, "0"]').documents[0]).toMatchObject({
      entries: new Map([
        [
          'a',
          expect.objectContaining({
            value: expect.objectContaining({ kind: 'reference', path: ['.x', 'script', '0'] }),
          }),
        ],
      ]),
    });
  });
});

describe('problems', () => {
  test.each([
    ['a: 2020-01-01', '1:4 error yaml-unquoted-date Tried to load unspecified class: Date'],
    ['a: 1\nb: 2\na: 3', '3:1 warning yaml-duplicate-key The key `a` is written twice; the last one wins'],
    ['a: *x', '1:4 error yaml-alias Unknown alias: x'],
    ['a: &x [1, *x]', '1:11 error yaml-alias The alias `*x` stands inside the value it names'],
    ['? [a]\n: b', '1:3 error yaml-complex-key A list or a mapping cannot be a key'],
    ['a: {<<: 1}', '1:9 error yaml-merge `<<` merges a mapping or a list of mappings, and this is neither'],
    [
      'x: &x {a: 1}\ny: {a: 2, <<: *x}',
      '2:11 warning yaml-merge-overrides This merge comes after the key `a` and replaces it',
    ],
    ['a: !reference b', '1:4 error reference-invalid !reference "b" is not valid'],
    ['a: !reference []', '1:4 error reference-invalid !reference [] is not valid'],
    ['a: !reference [b, 0]', '1:4 error reference-invalid !reference ["b", 0] is not valid'],
    ['a: !foo b', '1:4 warning yaml-tag-ignored The tag `!foo` means nothing here and is ignored'],
    ['a: !ruby/object:Foo {}', '1:4 error yaml-tag The tag `!ruby/object:Foo` is not allowed here'],
  ])('%j', (text, problem) => {
    expect(parse(text).problems).toEqual([problem]);
  });

  test.each([
    ['unterminated double quote', 'a: 1\nb: "x\nc: 2\n', '2:4'],
    ['unterminated double quote after an escape', 'b: "x \\" y', '1:4'],
    ['unterminated single quote', "a: 'it''s\n", '1:4'],
    ['unterminated list', 'a: [b,\n  c\n', '1:4'],
    ['unterminated mapping', 'a: {b: [1]', '1:4'],
    ['tab', 'a:\n\tb: 1', '2:1'],
    ['NUL byte', 'a: b\0c', '1:5'],
    ['control character', 'a: b\u0001c', '1:5'],
    ['colon in a value', 'a: b: c', '1:5'],
    ['missing colon', 'a: 1\nb\nc: 2', '3:2'],
    ['a list beside a mapping', 'a: 1\n- b', '2:1'],
    ['bad escape', 'a: "\\q"', '1:6'],
    ['reserved character', 'a: @b', '1:4'],
    ['comma', 'a: [b,,c]', '1:7'],
  ])('%s: one syntax problem with its place, and no tree', (_, text, place) => {
    const { documents, problems } = parse(text);
    expect(documents).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${place} error yaml-syntax `));
    expect(problems[0]).not.toMatch(/not valid YAML/);
  });
});

describe('what would be too big', () => {
  test('billion laughs: the aliases are counted as copies', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    const { documents, problems } = parse(`l0: &l0 [lol]\n${levels.join('\n')}\n`);
    expect(documents).toEqual([]);
    expect(problems[0]).toMatch(/^7:\d+ error yaml-too-big The parsed YAML is too big: more than 1000000/);
  });

  test('a bomb of merge keys', () => {
    const base = Array.from({ length: 2000 }, (_, n) => `  k${n}: 1`).join('\n');
    const users = Array.from({ length: 2000 }, (_, n) => `u${n}: {<<: *b}`).join('\n');
    expect(parse(`b: &b\n${base}\n${users}\n`).problems[0]).toContain('yaml-too-big');
  });

  test.each([
    ['lists', '['.repeat(100_000)],
    ['mappings', '{a: '.repeat(100_000)],
    ['block lists', '- '.repeat(50_000)],
    ['explicit keys', '? '.repeat(50_000)],
    [
      'through aliases',
      `a0: &a0 []\n${Array.from({ length: 200 }, (_, n) => `a${n + 1}: &a${n + 1} [[*a${n}]]`).join('\n')}`,
    ],
  ])('deep %s', (_, text) => {
    expect(parse(text).problems).toEqual([
      expect.stringContaining('error yaml-too-big The parsed YAML is too big'),
    ]);
  });

  test('ninety levels are fine', () => {
    expect(parse(`a: ${'['.repeat(90)}${']'.repeat(90)}`).problems).toEqual([]);
  });

  test('ten megabytes are refused before they are read', () => {
    expect(parse('a: 1\n'.repeat(2_000_000)).problems[0]).toMatch(/^1:1 error yaml-too-big/);
  });
});

describe('places', () => {
  test('every node knows where it was written', () => {
    const text = 'job:\n  script: [a, "b c"]\n  text: |\n    one\n    two\n  map: {k: v}\n';
    const spans: string[] = [];
    walk(parse(text).documents, (node) => spans.push(text.slice(node.span.start, node.span.end)));
    expect(spans).toContain('[a, "b c"]');
    expect(spans).toContain('"b c"');
    expect(spans).toContain('|\n    one\n    two');
    expect(spans).toContain('{k: v}');
    expect(spans).toContain('a');
  });

  test('lines end with LF, CRLF or CR', () => {
    const file = { name: 'f', text: 'a\r\nb\rc\nd' };
    const at = (start: number) => placeOf({ file, start, end: start + 1 });
    expect([0, 3, 5, 7].map((offset) => `${at(offset).line}:${at(offset).column}`)).toEqual([
      '1:1',
      '2:1',
      '3:1',
      '4:1',
    ]);
  });
});

describe('laws', () => {
  const fragment = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '\n    ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '&x ',
    '*x',
    '<<: ',
    '!reference [a]',
    '!t ',
    '"',
    "'",
    '|\n',
    '>-\n',
    '#',
    '---\n',
    '...\n',
    '? ',
    '%',
    '@',
    '~',
    '1:30',
    '2020-01-01',
    '\t',
    '\0',
    'é',
    '😀',
    '\ud800',
    '\r',
    ' ',
  );
  const yamlish = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));
  const mutated = fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 5 })).map(([at, length, text]) => {
    const start = at % SAMPLE.length;
    return SAMPLE.slice(0, start) + text + SAMPLE.slice(start + (length % 9));
  });

  test('whatever the text: no exception, and every problem has a place inside the file and can be shown', () => {
    fc.assert(
      fc.property(fc.oneof(yamlish, mutated, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const { documents, problems } = parseDocuments({ name: 'f', text });
        const unplaced = problems.filter(({ place }) => place === null || place.line < 1 || place.column < 1);
        const unsafe = problems.filter((problem) =>
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(formatProblem(problem, { color: false })),
        );
        const outside: Node[] = [];
        walk(documents, (node) => {
          const { start, end } = node.span;
          if (start < 0 || start > end || end > text.length) outside.push(node);
        });
        expect({ unplaced, unsafe, outside }).toEqual({ unplaced: [], unsafe: [], outside: [] });
      }),
      { numRuns: 1500 },
    );
  });
});

const SAMPLE = `
stages: [build, test]
.base: &base
  image: {name: "ruby:3", entrypoint: ['']}
  script:
    - echo "a: b"   # comment
    - |
      one
      two
job:
  <<: *base
  rules:
    - if: $CI == "true"
      when: on_success
  extends: [.base, .other]
  before_script: !reference [.base, script]
`;

function walk(nodes: readonly Node[], visit: (node: Node) => void): void {
  for (const node of nodes) {
    visit(node);
    if (node.kind === 'sequence') walk(node.items, visit);
    if (node.kind === 'mapping')
      walk(
        Array.from(node.entries.values(), (entry) => entry.value),
        visit,
      );
  }
}
