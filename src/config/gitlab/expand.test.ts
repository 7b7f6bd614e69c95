import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { describePipeline } from './describe.ts';
import { expandConfig } from './expand.ts';
import { readPipeline } from './read-pipeline.ts';
import { caseContext, caseFiles, caseNames } from './test-support/cases.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

const FILE = '.gitlab-ci.yml';

type Files = Readonly<Record<string, string>>;

async function read(files: Files, context: PipelineContext) {
  return readPipeline({ sources: memorySources(files), file: FILE, context });
}

async function expanded(files: Files, job: string | null = null, context = contextOf()) {
  const config = expandConfig(await read(files, context), context, job);
  if (config === null) throw new Error('there is nothing to expand');
  return config;
}

/** What a reading comes to, without its problems: places, and warnings about how a file is written, are not kept. */
async function outcome(files: Files, context: PipelineContext) {
  const reading = await read(files, context);
  const { problems: _, ...described }: Readonly<Record<string, Json>> = Object(describePipeline(reading));
  const errors = reading.problems.flatMap(({ severity, message }) => (severity === 'error' ? message : []));
  return { described, errors };
}

/** Reads the printed text in the place of the file and holds the two against each other. */
async function expectSame(files: Files, context: PipelineContext): Promise<boolean> {
  const config = expandConfig(await read(files, context), context);
  if (config === null) return false;
  const printed = { ...files, [FILE]: config.yaml() };
  const [before, after] = [await outcome(files, context), await outcome(printed, { ...context, inputs: {} })];
  expect(after.described).toEqual(before.described);
  // What a template has wrong is said once; printed, each job has it for itself.
  expect(after.errors).toEqual(expect.arrayContaining(before.errors));
  expect(config.lines().flatMap(({ text, block }) => [text, ...block])).toEqual(
    config.yaml().split('\n').slice(0, -1),
  );
  return true;
}

describe('law: the printed file comes to the same pipeline', () => {
  test.each(caseNames())('%s', async (name) => {
    await expectSame(caseFiles(name), caseContext(name));
  });

  test('also for files that nobody has written', async () => {
    let printed = 0;
    await fc.assert(
      fc.asyncProperty(madeFiles(), async (files) => {
        if (await expectSame(files, contextOf())) printed++;
      }),
      { numRuns: 500 },
    );
    expect(printed).toBeGreaterThan(200);
  });
});

/** A main file and one it includes, of jobs and templates that take from each other. Written as JSON, which is YAML. */
function madeFiles(): fc.Arbitrary<Files> {
  const name = fc.constantFrom('.a', '.b', 'one', 'two: [x]', 'no', '1');
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('yes', '017', 'a\nb\n', '\n a', 'x: y', '# x', '$A', '- a', '1:30', 'é\u202e'),
  );
  const script = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
  const variables = fc.dictionary(
    fc.constantFrom('A', 'B', 'N', 'y'),
    fc.oneof(text, fc.integer(), fc.boolean()),
    {
      maxKeys: 3,
    },
  );
  const keys = fc.record(
    {
      script,
      extends: fc.oneof(fc.constantFrom('.a', '.b'), fc.constant(['.a', '.b'])),
      variables,
      before_script: fc.constantFrom('!reference [.a, script]', '!reference [.b, script]'),
      when: fc.constantFrom('manual', 'always'),
      tags: fc.constantFrom(['x'], null),
      rules: fc.constantFrom([{ if: '$A', when: 'manual' }], [{ exists: ['ci.yml'] }], [{ if: '(' }]),
    },
    { requiredKeys: ['script'] },
  );
  const mapping = fc.dictionary(name, keys, { maxKeys: 4 });
  return fc.tuple(mapping, mapping, variables).map(([own, included, root]) => ({
    [FILE]: written({ ...own, 'one job': { script: 'x' }, '.a': { script: ['a'] }, include: 'ci.yml' }),
    'ci.yml': written({ '.b': { script: 'b' }, ...included, variables: root }),
  }));
}

function written(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"(!reference [^"]*)"/g, '$1')
    .replaceAll(
      /[\u007f-\u009f\ufeff\ufffe\uffff\u2028\u2029]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

const PROJECT: Files = {
  [FILE]: `include: ci/base.yml
default: {image: node}
unit:
  extends: .base
  variables: {B: 2}
  script:
    - !reference [.base, before_script]
    - make
`,
  'ci/base.yml': `.base:
  before_script: [prepare]
  variables: {A: 1}
  parallel: 2
`,
};

test('extends is carried out, templates stay, scripts are as they were put together', async () => {
  expect((await expanded(PROJECT)).yaml()).toBe(`.base:
  before_script:
    - prepare
  variables:
    A: 1
  parallel: 2
default:
  image: node
unit:
  before_script:
    - prepare
  variables:
    A: 1
    B: 2
  parallel: 2
  script:
    - prepare
    - make
`);
});

test('a variable may be called extends', async () => {
  const files = { [FILE]: 'a: {script: x, variables: {extends: b}}\n' };
  expect((await expanded(files)).yaml()).toContain('    extends: b\n');
});

test('one job is told with the defaults it takes, under each of its names; a template as it is', async () => {
  const { yaml } = await expanded(PROJECT, 'unit');
  expect(yaml()).toMatch(/^unit:\n[\s\S]*\n {2}image: node\n$/);
  expect((await expanded(PROJECT, 'unit 2/2')).yaml()).toBe(yaml());
  expect((await expanded(PROJECT, '.base')).yaml()).toMatch(/^\.base:\n/);
  await expect(expanded(PROJECT, 'none')).rejects.toThrow('nothing to expand');
});

test('every line knows where it was written, and through what it came', async () => {
  const lines = (await expanded(PROJECT, 'unit')).lines();
  const shown = lines.map(({ text, place, steps }) => [text.trim(), `${place.file}:${place.line}`, ...steps]);
  expect(shown).toEqual([
    ['unit:', '.gitlab-ci.yml:3'],
    ['before_script:', 'ci/base.yml:2', 'extends .base'],
    ['- prepare', 'ci/base.yml:2', 'extends .base'],
    ['variables:', '.gitlab-ci.yml:5'],
    ['A: 1', 'ci/base.yml:3', 'extends .base'],
    ['B: 2', '.gitlab-ci.yml:5'],
    ['parallel: 2', 'ci/base.yml:4', 'extends .base'],
    ['script:', '.gitlab-ci.yml:6'],
    ['- prepare', 'ci/base.yml:2'],
    ['- make', '.gitlab-ci.yml:8'],
    ['image: node', '.gitlab-ci.yml:2', 'default'],
  ]);
});

test('to programs every value has its origin under its JSON pointer', async () => {
  const config = await expanded(PROJECT, 'unit');
  expect(config.json()).toMatchObject({ unit: { variables: { A: 1, B: 2 } } });
  expect(config.origins()).toMatchObject({
    '/unit/variables/A': { file: 'ci/base.yml', line: 3, column: 15, steps: ['extends .base'] },
    '/unit/script/1': { file: '.gitlab-ci.yml', line: 8 },
  });
});

test.each(['s3cret', '12345', 'two\nlines'])('the secret %j is nowhere in it', async (value) => {
  const files = {
    [FILE]: `include: ci/$S.yml
a:
  variables: {A: ${JSON.stringify(`x${value}y`)}, ${JSON.stringify(`B_${value}`)}: ${JSON.stringify(value)}}
  script: [${JSON.stringify(value)}, "${value.split('\n').join('\\n')} twice"]
  tags: ["$S", ${/^\d+$/.test(value) ? value : '1'}]
`,
    [`ci/${value}.yml`]: 'b: {script: x}\n',
  };
  const context = contextOf({ project_variables: { S: { value, masked: true } } });
  const config = await expanded(files, null, context);
  const all = [config.yaml(), JSON.stringify([config.lines(), config.json(), config.origins()])].join();
  expect(all).not.toContain(value);
  expect(all).not.toContain(JSON.stringify(value).slice(1, -1));
  expect(config.yaml()).toContain('[MASKED]');
});

test('a configuration that could not be put together is none', async () => {
  await expect(expanded({ [FILE]: 'include: none.yml\na: {script: x}\n' })).rejects.toThrow();
  await expect(expanded({ [FILE]: 'a: {extends: .b, script: x}\n' })).rejects.toThrow();
  expect((await expanded({ [FILE]: 'a: {scirpt: x}\n' })).yaml()).toBe('a:\n  scirpt: x\n');
});
