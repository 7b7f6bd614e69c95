import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fieldsOf, parseWritten } from '../config/index.ts';
import { complete } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { hover } from './features/hover.ts';
import { references } from './features/references.ts';
import { rename } from './features/rename.ts';
import { documentSymbols } from './features/symbols.ts';
import { type FileIndex, indexFile } from './syntax/file-index.ts';
import { offsetAt, positionAt } from './syntax/line-starts.ts';
import { yamlText } from './syntax/yaml-text.ts';

function filesOf(cases: string, ending: RegExp): readonly string[] {
  const folder = join(import.meta.dirname, '../config', cases);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

const corpus = [
  ...filesOf('gitlab/cases', /\.yml$/),
  ...filesOf('codebuild/cases', /\.yml$/),
  ...filesOf('cloudbuild/cases', /cloudbuild\.\w+$/),
];

const text = fc.oneof(
  fc.constantFrom(...corpus),
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '\n',
      ':',
      '-',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '#',
      '&',
      '*',
      '$',
      '|',
      ',',
      '!',
      '\r',
      '🚀',
    ),
  }),
);

const path = fc.constantFrom('a.gitlab-ci.yml', 'buildspec.yml', 'cloudbuild.yaml');

/** A fixture with something typed or removed somewhere, and a cursor anywhere. */
const edited = fc
  .tuple(
    text,
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.constantFrom('', ' ', '\n', '- ', ': ', '[', '"', '*', '$', '$[[ ', '#', '{'),
    fc.nat(),
  )
  .map(([whole, at, removed, added, cursor]) => {
    const start = at % (whole.length + 1);
    const result = whole.slice(0, start) + added + whole.slice(start + removed);
    return { before: whole, text: result, offset: cursor % (result.length + 1) };
  });

it('answers about any text at any place, and only with places in it', async () => {
  await fc.assert(
    fc.asyncProperty(edited, path, async ({ before, text: now, offset }, name) => {
      const file = indexFile(name, now, indexFile(name, before, null));
      const fields = file.language === 'gitlab' ? null : await fieldsOf(file.language);
      const scope = { file, fields, files: [file], diagnosis: null, isOurs: () => true };
      const ranges = [
        ...complete(scope, offset, ['b.yml']).map(({ range }) => range),
        ...references([file], file, offset, true).map(({ range }) => range),
        ...documentSymbols([file], file).flatMap(({ range, nameRange }) => [range, nameRange]),
      ];
      definition([file], file, offset);
      const renamed = rename([file], file, offset, 'other', () => true);
      if (renamed.ok) ranges.push(...renamed.value.map(({ range }) => range));
      const shown = await hover(scope, offset);
      if (shown !== null) ranges.push(shown.range);
      for (const { start, end } of ranges) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(now.length);
      }
    }),
    { numRuns: 600 },
  );
});

it('finds the same in a text whether it was typed or opened', () => {
  const names = ({ blocks }: FileIndex) =>
    blocks.map(({ start, end, names: found }) => ({ start, end, found }));
  fc.assert(
    fc.property(edited, ({ before, text: now }) => {
      const typed = indexFile('a.yml', now, indexFile('a.yml', before, null));
      expect(names(typed)).toEqual(names(indexFile('a.yml', now, null)));
    }),
  );
});

it('comes back from a position to its offset', () => {
  fc.assert(
    fc.property(edited, ({ text: now, offset }) => {
      const file = indexFile('a.yml', now, null);
      // Between a CR and its LF is the end of the line before it.
      const inBreak = now[offset] === '\n' && now[offset - 1] === '\r';
      expect(offsetAt(file, positionAt(file, offset))).toBe(inBreak ? offset - 1 : offset);
    }),
  );
});

it('writes any text so that YAML reads it again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (word) => {
      for (const [flow, whole] of [
        [true, `[${yamlText(word, true)}]`],
        [false, `${yamlText(word, false)}: x`],
      ] as const) {
        const reading = parseWritten(whole);
        const root = reading.ok ? reading.documents[0] : undefined;
        const node =
          root?.kind === 'sequence'
            ? root.items[0]
            : root?.kind === 'mapping'
              ? root.pairs[0]?.key
              : undefined;
        expect(flow ? root?.kind : 'mapping').toBe(flow ? 'sequence' : 'mapping');
        expect(node?.kind === 'scalar' ? node.value : null).toBe(word);
      }
    }),
  );
});
