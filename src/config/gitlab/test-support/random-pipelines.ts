import fc, { type Arbitrary } from 'fast-check';
import type { Shape } from '../entries/entry.ts';
import { keywordPaths, LANGUAGE } from '../keywords/shapes.ts';

/** Pipeline files made of the language's own keywords, as YAML text: most values fit their keyword, some do not. */
export function randomPipeline(): Arbitrary<string> {
  const settings = Object.keys(LANGUAGE).filter((name) => name !== 'job' && name !== 'spec');
  const setting = fc.constantFrom(...settings).chain((name) => pair(name, valueFor(LANGUAGE[name])));
  const entry = fc.oneof({ weight: 5, arbitrary: randomJob() }, { weight: 1, arbitrary: setting });
  const content = fc.array(entry, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'));
  const header = valueFor(LANGUAGE.spec).map((spec) => `spec: ${spec}\n---\n`);
  const start = fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: header });
  return fc.tuple(start, content).map(([before, text]) => `${before}${TEMPLATES}${text}\n`);
}

/** What references, aliases and `extends` can find. */
const TEMPLATES = '.t: &m {script: [e]}\n.u: {script: &l [e, f], stage: test}\n';

/** Names that refer to each other: jobs, templates, stages. */
const NAMES = ['a', 'b', 'c', '.t', '.u', 'test', 'pages', 'a 1/2', "'b: [x, y]'", '.pre', '"1"'];

function randomJob(): Arbitrary<string> {
  const keywords = Object.keys(fieldsOf(LANGUAGE.job)).filter(
    (name) => name !== 'script' && name !== 'trigger',
  );
  const keyword = fc
    .constantFrom(...keywords)
    .chain((name) => pair(name, valueFor(fieldsOf(LANGUAGE.job)[name])));
  const does = fc.constantFrom(
    'script: [e]',
    'script: [e]',
    'trigger: {include: a.yml}',
    'extends: .t',
    'stage: a',
  );
  const job = fc.tuple(does, fc.array(keyword, { maxLength: 3 }));
  const body = job.map(([first, others]) => `{${[first, ...others].join(', ')}}`);
  return fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.oneof({ weight: 40, arbitrary: body }, { weight: 1, arbitrary: odd() }),
    )
    .map(joined);
}

function pair(name: string, value: Arbitrary<string>): Arbitrary<string> {
  return value.map((text) => joined([name, text]));
}

function joined([name, value]: readonly [string, string]): string {
  return `${name}: ${value}`;
}

/** A value for a keyword: nearly always one of its shape, or a file would never come further than that. */
function valueFor(shape: Shape | undefined, depth = 0): Arbitrary<string> {
  if (shape === undefined || depth > 5) return odd();
  return fc.oneof({ weight: 60, arbitrary: fitting(shape, depth) }, { weight: 1, arbitrary: odd() });
}

function fitting(shape: Shape, depth: number): Arbitrary<string> {
  switch (shape.type) {
    case 'boolean':
      return fc.constantFrom('true', 'false', 'yes');
    case 'integer':
    case 'number':
      return fc.constantFrom('1', '2', '3', '1', '2', '200', '017', '-1', '1.5');
    case 'enum':
      return fc.constantFrom(...shape.values, ...shape.values, 'never');
    case 'list':
      return list(valueFor(shape.items, depth + 1));
    case 'map':
      return mapping(
        fc.array(fc.tuple(fc.constantFrom(...NAMES, 'A', 'B'), valueFor(shape.values, depth + 1)), {
          maxLength: 3,
        }),
      );
    case 'record':
      return record(shape.fields, depth);
    case 'one-of':
      if (shape.choices.length === 0) return text();
      return fc.constantFrom(...shape.choices).chain((choice) => fitting(choice, depth));
    default:
      return text();
  }
}

function record(fields: Readonly<Record<string, Shape>>, depth: number): Arbitrary<string> {
  const names = Object.keys(fields);
  if (names.length === 0) return fc.constant('{}');
  const entry = fc
    .constantFrom(...names)
    .chain((name) => fc.tuple(fc.constant(name), valueFor(fields[name], depth + 1)));
  return mapping(fc.array(entry, { maxLength: 3 }));
}

function list(item: Arbitrary<string>): Arbitrary<string> {
  return fc.array(item, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`);
}

function mapping(entries: Arbitrary<readonly (readonly [string, string])[]>): Arbitrary<string> {
  return entries.map((pairs) => `{${pairs.map(joined).join(', ')}}`);
}

/** Texts that mean something somewhere. */
function text(): Arbitrary<string> {
  return fc.constantFrom(
    ...NAMES,
    ...NAMES,
    '"$A"',
    '"${A}-%B%$$"',
    '"$CI_COMMIT_BRANCH == \'main\'"',
    '"$A =~ /^x(/ && !$B || null"',
    "'/re/i'",
    "'/(/'",
    '"$[[ inputs.a ]]"',
    '"$[[ inputs.b[0] | truncate(0,1) ]] x"',
    '"$[[ matrix.A ]]"',
    'a.yml',
    '"*.yml"',
    '"**/*"',
    '"src/{a,b}/[x-z]?"',
    '1 day',
    'branches',
    'main@group/project',
    'https://example.com/x.yml',
    '"group/project"',
    '""',
    '" "',
    '"🦊\\u0000\\e[31m"',
    'x'.repeat(300),
  );
}

const KEYWORDS = [...new Set([...keywordPaths()].flatMap((path) => path.split(':')))];

/** Any value at all, of every kind that YAML has. */
function odd(): Arbitrary<string> {
  const scalar = fc.oneof(
    text(),
    fc.constantFrom(
      'null',
      '~',
      '',
      'true',
      'off',
      '0',
      '1e3',
      '.inf',
      '.nan',
      '1_000',
      '0x1F',
      '12:30',
      '2024-01-31',
    ),
    fc.constantFrom('!reference [a, script]', '!reference [.t]', '!reference []', '!x y', '!!binary eA=='),
    fc.constantFrom('&m {script: e}', '*m', '&l [e, f]', '*l', '[*l, [*l]]'),
  );
  return fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'odd' },
      scalar,
      list(tie('value')),
      mapping(
        fc.array(fc.tuple(fc.constantFrom(...KEYWORDS, '<<', '? [x]', '1'), tie('value')), { maxLength: 3 }),
      ),
    ),
  })).value;
}

function fieldsOf(shape: Shape | undefined): Readonly<Record<string, Shape>> {
  if (shape?.type === 'record') return shape.fields;
  return shape?.type === 'one-of' ? Object.assign({}, ...shape.choices.map(fieldsOf)) : {};
}
