import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem, printYaml, toJson } from '../document/index.ts';
import { findBlocks } from './inputs/find-blocks.ts';
import { readConfig } from './read-config.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { configOf, readText } from './test-support/read-text.ts';
import { contextOf } from './test-support/read-yaml.ts';

/** The merged configuration as a plain value. */
async function merged(
  text: string,
  files?: Readonly<Record<string, string>>,
  context?: Readonly<Record<string, unknown>>,
) {
  const { reading, problems } = await readText(text, files, context);
  if (reading.merged === null || reading.config === null) throw new Error(problems.join('\n'));
  return toJson(reading.merged);
}

describe('the file itself', () => {
  test.each([
    ['', '1:1 Please provide content of .gitlab-ci.yml'],
    ['  \n', '1:1 Please provide content of .gitlab-ci.yml'],
    ['# nothing', '1:1 jobs config should contain at least one visible job'],
    ['just text', '1:1 Invalid configuration format'],
    ['[a]', '1:1 Invalid configuration format'],
    ['a: [', '1:4 This list or mapping never ends: a closing ] or } is missing'],
    ['a: {script: x}\n---\n- b', '3:1 Invalid configuration format'],
  ])('%j', async (text, problem) => {
    const { reading, problems } = await readText(text);
    expect(reading.config).toBeNull();
    expect(problems.at(0)).toBe(problem);
  });

  test.each([
    ['a: {script: x}\n---\nb: {script: y}', ['a'], ['3:1']],
    ['a: {script: x}\n---\nb: {script: y}\n---\nc: 1', ['a'], ['3:1', '5:1']],
    ['---\nspec: {}\n---\na: {script: x}\n---\nb: {script: y}', ['a'], ['6:1']],
    ['# first\n--- # again\nspec: {}\n---\na: {script: x}\n---\nb: {script: y}', ['a'], ['7:1']],
    ['spec: {}\n---\na: {script: x}\n---\nb: {script: y}', ['b'], ['3:1']],
    ['spec: {}\n---\n---\na: {script: x}', ['a'], []],
    ['---\n# nothing\n---\na: {script: x}', ['a'], []],
  ])('of several documents %j the jobs are %j, and what is dropped is said', async (text, names, places) => {
    const { reading, problems } = await readText(text);
    expect(problems).toEqual(places.map((place) => `${place} warning This document of the file is ignored`));
    expect(reading.config?.jobs.map(({ name }) => name)).toEqual(names);
  });

  test('a header with nothing behind it is none: its key is a job', async () => {
    const { problems } = await readText('spec: {inputs: {a: }}\n---\n');
    expect(problems).toEqual([
      '1:1 jobs spec config should implement the script:, run:, or trigger: keyword',
    ]);
  });

  test.each([
    [{ kind: 'absent' as const }, 'There is no file x.yml in the project'],
    [{ kind: 'not-utf8' as const, line: 3, column: 7 }, 'The file x.yml is not UTF-8 text'],
    [
      { kind: 'too-large' as const, bytes: 7000, limit: 5000 },
      'The file x.yml is too big to be a pipeline file (7000 bytes, at most 5000)',
    ],
  ])('%j', async (answer, message) => {
    const sources = { ...memorySources({}), readFile: async () => answer };
    const reading = await readConfig({ sources, file: 'x.yml', context: contextOf() });
    expect(reading).toMatchObject({ config: null, problems: [{ code: 'file-unreadable', message }] });
  });
});

test('a file that is not UTF-8 is shown at its first bad byte', async () => {
  const readFile = async () => ({ kind: 'not-utf8' as const, line: 3, column: 7 });
  const reading = await readConfig({
    sources: { ...memorySources({}), readFile },
    file: 'x.yml',
    context: contextOf(),
  });
  expect(reading.problems).toMatchObject([{ place: { file: 'x.yml', line: 3, column: 7 } }]);
});

describe('extends', () => {
  test('hashes merge, lists and texts are replaced, later parents beat earlier ones, own keys beat all', async () => {
    const text = `
.a: {variables: {V: a, A: a}, script: [a], tags: [a]}
.b: {variables: {V: b, B: b}, script: [b]}
ab: {extends: [.a, .b], variables: {C: c}}
`;
    expect(await merged(text)).toMatchObject({
      ab: { variables: { V: 'b', A: 'a', B: 'b', C: 'c' }, script: ['b'], tags: ['a'] },
    });
  });

  test('null removes, an empty mapping keeps', async () => {
    const text = '.x: {script: x, tags: [t], variables: {A: a}}\na: {extends: .x, tags: null, variables: {}}';
    const config = await configOf(text);
    expect(config.jobs[0]).toMatchObject({
      build: { tags: [] },
      variables: new Map([['A', { value: 'a' }]]),
    });
  });

  test.each([
    ['a: {script: x, extends: .nope}', '1:25 a: unknown keys in `extends` (.nope)'],
    ['.x: [1]\na: {script: x, extends: .x}', '2:25 a: invalid base hashes in `extends` (.x)'],
    ['a: {script: x, extends: a}', '1:25 a: circular dependency detected in `extends`'],
    ['.b: {extends: a}\na: {script: x, extends: .b}', '2:25 .b: circular dependency detected in `extends`'],
    ['a: {script: x, extends: 1}', '1:25 a: unknown keys in `extends` (1)'],
    ['.x: [1]\na: {script: x, extends: [.y, .x, .z]}', '2:26 a: unknown keys in `extends` (.y, .z)'],
    ['.x: [1]\na: {script: x, extends: [[.x]]}', '2:26 a: unknown keys in `extends` ([".x"])'],
    [
      '.x: {script: x}\n"1": {extends: .x}\na: {extends: 1}',
      '3:14 jobs:a extends should be an array of strings or a string',
    ],
  ])('%s', async (text, problem) => {
    expect((await readText(text)).problems).toContain(problem);
  });

  test.each([
    ['parents first', (names: number[]) => names],
    ['children first', (names: number[]) => names.toReversed()],
  ])('eleven levels and no more, in whatever order they stand: %s', async (_, order) => {
    const chain = (levels: number) =>
      order(Array.from({ length: levels }, (_, n) => n))
        .map((n) => `.l${n + 1}: {extends: .l${n}}`)
        .join('\n');
    const text = (levels: number) => `.l0: {script: x}\n${chain(levels)}\na: {script: x}`;
    expect((await readText(text(11))).problems).toEqual([]);
    expect((await readText(text(12))).problems.at(0)).toContain('nesting too deep in `extends`');
  });

  test('a large base that thousands extend is counted, not copied until the memory is full', async () => {
    const base = Array.from({ length: 5_000 }, (_, n) => `  k${n}: 1`).join('\n');
    const jobs = Array.from({ length: 5_000 }, (_, n) => `j${n}: {extends: .b}`).join('\n');
    const { problems } = await readText(`.b:\n${base}\n${jobs}`);
    expect(problems).toEqual([
      expect.stringMatching(/^2:3 The parsed YAML is too big: .* once `extends` is filled in$/),
    ]);
  });

  test('a configuration that is enormous once it is merged is refused, not printed until the memory is full', async () => {
    const users = Array.from({ length: 700 }, (_, index) => `u${index}: {extends: .b}\n`).join('');
    const keys = Array.from({ length: 3_000 }, (_, index) => `A${index}: x`).join(', ');
    expect((await readText(`.b: {script: x, variables: {${keys}}}\n${users}`)).problems).toEqual([
      expect.stringMatching(
        /^666:1 The parsed YAML is too big: more than 2000000 values once `include`, `extends` and inputs/,
      ),
    ]);
    const long = await readText(`.b: {script: "${'x'.repeat(60_000)}"}\n${users}`);
    expect(long.problems).toEqual([expect.stringContaining('more than 33554432 characters')]);
  });

  test('a very long chain is refused, not followed', async () => {
    const chain = Array.from({ length: 5_000 }, (_, n) => `.l${n + 1}: {extends: .l${n}}`)
      .toReversed()
      .join('\n');
    expect((await readText(`${chain}\n.l0: {script: x}\na: {script: x}`)).problems.at(0)).toContain(
      'nesting too deep',
    );
  });
});

describe('!reference', () => {
  test('any keyword of any job, through other references, into lists', async () => {
    const text = `
.setup: {script: [one, two], image: ruby}
.more: {script: [!reference [.setup, script], three]}
a:
  image: !reference [.setup, image]
  script:
    - !reference [.more, script]
    - four
  variables: !reference [.vars, here]
.vars: {here: {A: 1}}
`;
    const config = await configOf(text);
    expect(config.jobs[0]).toMatchObject({
      build: { image: { name: 'ruby' }, script: ['one', 'two', 'three', 'four'] },
      variables: new Map([['A', { value: '1' }]]),
    });
  });

  test('a reference follows what extends gave', async () => {
    expect(
      (await configOf('.x: {script: [x]}\n.y: {extends: .x}\na: {script: !reference [.y, script]}')).jobs[0]
        ?.build?.script,
    ).toEqual(['x']);
  });

  test.each([
    ['a: {script: !reference [.x, script]}', '1:13 !reference [".x", "script"] could not be found'],
    [
      '.x: {script: null}\na: {script: !reference [.x, script]}',
      '2:13 !reference [".x", "script"] could not be found',
    ],
    [
      'a: {script: !reference [b, script]}\nb: {script: !reference [a, script]}',
      '1:13 !reference ["b", "script"] is part of a circular chain',
    ],
    ['a: {script: [!reference [a]]}', '1:14 !reference ["a"] is part of a circular chain'],
    [
      '.y: {x: 1}\n.x: {a: !reference [.y]}\na: {script: x, image: !reference [.x, a, x]}',
      '3:23 !reference [".x", "a", "x"] could not be found',
    ],
  ])('%s', async (text, problem) => {
    expect((await readText(text)).problems).toContain(problem);
  });

  test('a chain may be longer than anybody writes, and a hostile one ends', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, n) => `.r${n}: {s: !reference [.r${n + 1}, s]}`).join('\n');
    const text = (length: number) =>
      `${chain(length)}\n.r${length}: {s: x}\na: {script: !reference [.r0, s]}`;
    expect((await configOf(text(50))).jobs[0]?.build?.script).toEqual(['x']);
    expect((await readText(text(20_000))).problems.at(0)).toContain('is nested too deeply');
  });

  test('a bomb of references is counted, not exploded', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `.l${n + 1}: {s: [${`!reference [.l${n}, s],`.repeat(9)}]}`,
    );
    const { problems } = await readText(
      `.l0: {s: [x]}\n${levels.join('\n')}\na: {script: !reference [.l9, s]}`,
    );
    expect(problems.at(0)).toMatch(/The parsed YAML is too big/);
  });
});

describe('include', () => {
  test('later includes beat earlier ones, the file itself beats all, jobs merge key by key', async () => {
    const files = {
      'a.yml': 'j: {script: [a], tags: [a], variables: {A: a, V: a}}\nstages: [a]',
      'b.yml': 'j: {script: [b], variables: {V: b}}',
    };
    expect(
      await merged('include: [a.yml, {local: /b.yml}]\nj: {variables: {V: main}}\nstages: [test]', files),
    ).toEqual({
      j: { script: ['b'], tags: ['a'], variables: { A: 'a', V: 'main' } },
      stages: ['test'],
    });
  });

  test('paths of nested includes are from the root; wildcards are sorted; variables are put in', async () => {
    const files = {
      'sub/a.yml': 'include: other/b.yml',
      'other/b.yml': 'b: {script: b}',
      'jobs/2.yml': 'j2: {script: x}',
      'jobs/1.yml': 'j1: {script: x}',
      'jobs/deep/3.yml': 'j3: {script: x}',
    };
    const config = await configOf('include: [sub/a.yml, "$DIR/*.yml"]', files, {
      project_variables: { DIR: 'jobs' },
    });
    expect(config.jobs.map(({ name }) => name)).toEqual(['b', 'j1', 'j2']);
    const all = await configOf('include: "jobs/**/*.yml"', files);
    expect(all.jobs.map(({ name }) => name)).toEqual(['j1', 'j2', 'j3']);
  });

  test('rules decide', async () => {
    const files = { 'a.yml': 'a: {script: x}', 'b.yml': 'b: {script: x}', 'c.yml': 'c: {script: x}' };
    const config = await configOf(
      `include:
  - {local: a.yml, rules: [{if: $CI_COMMIT_BRANCH == "main"}]}
  - {local: b.yml, rules: [{if: $CI, when: never}, {when: always}]}
  - {local: c.yml, rules: [{exists: [nothing]}]}
z: {script: x}`,
      files,
    );
    expect(config.jobs.map(({ name }) => name)).toEqual(['a', 'z']);
  });

  test('every entry knows the file and the way it came', async () => {
    const files = { 'a.yml': 'include: b.yml\n.base: {image: i}', 'b.yml': 'j: {extends: .base, script: x}' };
    const { reading } = await readText('include: a.yml\nj: {tags: [t]}\ndefault: {retry: 1}', files);
    const job = reading.config?.jobs[0];
    const ways = Array.from(job?.source.entries ?? [], ([key, { via, value }]) => [
      key,
      value.span.file.name,
      via.map(({ kind, name }) => `${kind} ${name}`),
    ]);
    expect(ways).toEqual([
      ['image', 'a.yml', ['extends .base', 'include a.yml']],
      ['extends', 'b.yml', ['include b.yml', 'include a.yml']],
      ['script', 'b.yml', ['include b.yml', 'include a.yml']],
      ['tags', '.gitlab-ci.yml', []],
      ['retry', '.gitlab-ci.yml', ['default default']],
    ]);
    expect(reading.includes.map(({ location, from }) => [location, from])).toEqual([
      ['a.yml', '.gitlab-ci.yml'],
      ['b.yml', 'a.yml'],
    ]);
  });

  test.each([
    ['include: no.yml', '1:10 Local file `no.yml` does not exist!'],
    ['include: ../no.yml', '1:10 Local file `../no.yml` does not exist!'],
    ['include: a/../../no.yml', '1:10 Local file `a/../../no.yml` does not exist!'],
    ['include: empty.yml', '1:10 Local file `empty.yml` is empty!'],
    ['include: list.txt', '1:10 Included file `list.txt` does not have YAML extension!'],
    ['include: text.yml', 'text.yml:1:1 Included file `text.yml`: Invalid configuration format'],
    ['include: bad.yml', 'bad.yml:1:4 This list or mapping never ends: a closing ] or } is missing'],
    ['include: 1', '1:10 include config should be a hash or a string'],
    ['include: [[a.yml]]', '1:11 include config should be a hash or a string'],
    [
      'include: {file: a.yml}',
      '1:10 Include `{"file":"a.yml"}` does not have a valid subkey for include. Valid subkeys are: `local`, `project`, `remote`, `template`, `artifact`, `component`',
    ],
    [
      'include: {local: a.yml, remote: b}',
      '1:10 Each include must use only one of: `local`, `project`, `remote`, `template`, `artifact`, `component`',
    ],
    ['include: {local: a.yml, rule: []}', '1:25 include config contains unknown keys: rule'],
    ['include: {local: [a.yml]}', '1:18 include config local should be a string'],
    [
      'include: {local: a.yml, rules: [{when: manual}]}',
      '1:40 include:rules:rule when unknown value: manual',
    ],
    [
      'include: {local: a.yml, inputs: {x: 1}}',
      '1:18 Given inputs not defined in the `spec` section of the included configuration file',
    ],
    ['include: {project: g/p}', '1:10 include config must specify the file where to fetch the config from'],
    [
      'include: {artifact: a.yml, job: b}',
      '1:21 Including configs from artifacts is only allowed when triggering child pipelines',
    ],
    ['include: self.yml', 'self.yml:1:10 The file `self.yml` includes itself'],
    ['include: .gitlab-ci.yml', '1:10 The file `.gitlab-ci.yml` includes itself'],
    ['include: "many/*.yml"', '1:10 Maximum of 150 nested includes are allowed!'],
    ['include: fan.yml', 'fan2.yml:1:293 Maximum of 150 nested includes are allowed!'],
  ])('%s', async (text, problem) => {
    const files: Record<string, string> = {
      'a.yml': 'a: {script: x}',
      'empty.yml': ' \n',
      'list.txt': 'a: {script: x}',
      'text.yml': 'text',
      'bad.yml': 'a: [',
      'self.yml': 'include: self.yml',
      'fan.yml': `include: [${'fan2.yml,'.repeat(100)}]`,
      'fan2.yml': `include: [${'a.yml,'.repeat(100)}]`,
    };
    for (let n = 0; n < 200; n++) files[`many/${n}.yml`] = `j${n}: {script: x}`;
    const { reading, problems } = await readText(`${text}\nz: {script: x}`, files);
    expect(reading.config).toBeNull();
    expect(problems).toEqual([problem]);
  });
});

describe('inputs', () => {
  const spec = (inputs: string, content: string) => `spec:\n  inputs: ${inputs}\n---\n${content}`;

  test('a whole value keeps its type, text takes the text, lists are spread into lists, keys are names', async () => {
    const file = spec(
      '{s: , n: {type: number}, b: {type: boolean}, l: {type: array, default: [p, q]}}',
      `"$[[ inputs.s ]]-job":
  script: [first, "$[[ inputs.l ]]", "echo $[[inputs.s]] $[[ inputs.n ]] $[[ inputs.b ]] $[[ inputs.l ]]"]
  parallel: $[[ inputs.n ]]
  interruptible: $[[ inputs.b ]]
  needs: []
  tags: $[[ inputs.l ]]
  image: !reference [.x, image]
.x: {image: "$[[ inputs.l[1] ]]"}`,
    );
    const config = await configOf('include: {local: t.yml, inputs: {s: x, n: "3", b: true}}', {
      't.yml': file,
    });
    expect(config.jobs[0]).toMatchObject({
      name: 'x-job',
      parallel: { kind: 'count', count: 3 },
      interruptible: true,
      build: {
        script: ['first', 'p', 'q', 'echo x 3 true ["p", "q"]'],
        tags: ['p', 'q'],
        image: { name: 'q' },
      },
    });
  });

  test.each([
    ['$[[ inputs.v | truncate(1,3) ]]', 'abcdef', 'bcd'],
    ['$[[ inputs.v | posix_escape ]]', "a b;c'd", "a\\ b\\;c\\'d"],
    ['$[[ inputs.v | posix_escape ]]', '', "''"],
    ['$[[ inputs.v | expand_vars ]]', '$MINE-${NOPE}', 'value-${NOPE}'],
    ['$[[ inputs.v | expand_vars | truncate(0, 2) ]]', '$MINE', 'va'],
    ['[$[[ inputs.v ]]]', 'x', '[x]'],
  ])('%s of %j is %j', async (block, value, expected) => {
    const text = spec('{v: {default: none}}', `a: {script: "echo ${block}"}`);
    const context = { inputs: { v: value }, project_variables: { MINE: 'value' } };
    expect((await configOf(text, {}, context)).jobs[0]?.build?.script).toEqual([`echo ${expected}`]);
  });

  test('without a header nothing is put in', async () => {
    expect((await configOf('a: {script: "$[[ inputs.x ]]"}')).jobs[0]?.build?.script).toEqual([
      '$[[ inputs.x ]]',
    ]);
  });

  test('what speaks of the own matrix is left for later', async () => {
    const text = spec('{v: {default: x}}', 'a: {script: "$[[ matrix.OS ]] $[[ inputs.v ]]"}');
    expect((await configOf(text)).jobs[0]?.build?.script).toEqual(['$[[ matrix.OS ]] x']);
  });

  test.each([
    ['{v: }', '', {}, '2:12 `v` input: required value has not been provided'],
    ['{v: {default: x}}', '', { w: 1 }, '2:12 unknown input arguments: w'],
    ['{v: {type: number}}', '', { v: 'x' }, '2:12 `v` input: provided value is not a number'],
    ['{v: {type: boolean}}', '', { v: 'yes' }, '2:12 `v` input: provided value is not a boolean'],
    ['{v: {type: array}}', '', { v: 'x' }, '2:12 `v` input: provided value is not an array'],
    ['{v: {type: number, default: x}}', '', {}, '2:39 `v` input: default value is not a number'],
    [
      '{v: {options: [a, b]}}',
      '',
      { v: 'c' },
      '2:12 `v` input: `c` cannot be used because it is not in the list of allowed options',
    ],
    [
      '{v: {regex: ^a+$}}',
      '',
      { v: 'b' },
      '2:12 `v` input: provided value does not match required RegEx pattern',
    ],
    ['{v: {regex: "("}}', '', { v: 'b' }, '2:12 `v` input: invalid regular expression'],
    ['{v: {type: text}}', '', { v: 'b' }, '2:22 header:spec:inputs:v input type unknown value: text'],
    ['{v: {typ: string}}', '', { v: 'b' }, '2:16 header:spec:inputs:v config contains unknown keys: typ'],
    ['{on: {default: x}}', '', {}, '2:12 header:spec:inputs:true key must be an alphanumeric string'],
    ['{v: {default: x}}', '$[[ inputs.w ]]', {}, '4:13 unknown interpolation provided: `w` in `inputs.w`'],
    [
      '{v: {default: x}}',
      '$[[ vv ]]',
      {},
      '4:13 invalid pattern used for interpolation. valid pattern is $[[ inputs.input ]]',
    ],
    [
      '{v: {default: x}}',
      '$[[ inputs.v | upper ]]',
      {},
      '4:13 no function matching `upper`: check that the function name, arguments, and types are correct',
    ],
    [
      '{v: {default: 1, type: number}}',
      '$[[ inputs.v | truncate(0,1) ]]',
      {},
      '4:13 error in `truncate` function: invalid input type: truncate can only be used with string inputs',
    ],
    [
      '{v: {default: x}}',
      '$[[ inputs.v | a | b | c | d ]]',
      {},
      '4:13 too many functions in interpolation block',
    ],
    [
      '{v: {default: $SECRET}}',
      '$[[ inputs.v | expand_vars ]]',
      {},
      '4:13 error in `expand_vars` function: variable expansion error: masked variables cannot be expanded',
    ],
  ])('%s %s %j', async (inputs, block, values, problem) => {
    const text = spec(inputs, `a: {script: "${block} x"}`);
    const context = { inputs: values, project_variables: { SECRET: { value: 'hidden!!', masked: true } } };
    const { reading, problems } = await readText(text, {}, context);
    expect(reading.config).toBeNull();
    expect(problems).toEqual([problem]);
    expect(problems.join()).not.toContain('hidden!!');
  });

  test('ten thousand different blocks, each as often as one likes', async () => {
    const text = (blocks: readonly string[]) =>
      spec('{v: {default: x}}', `a: {script: "${blocks.join('')}"}`);
    const different = (count: number) =>
      Array.from({ length: count }, (_, n) => `$[[inputs.v|truncate(0,${n})]]`);
    const repeated = Array.from({ length: 20_000 }, () => '$[[ inputs.v ]]');
    expect((await configOf(text(repeated))).jobs[0]?.build?.script[0]).toHaveLength(20_000);
    expect((await configOf(text(different(10_000)))).jobs[0]?.build?.script[0]).toHaveLength(9_999);
    expect((await readText(text(different(10_001)))).problems).toEqual([
      '4:13 too many interpolation blocks',
    ]);
  });

  test('an input that is put in again and again is bounded', async () => {
    const blocks = '$[[ inputs.v ]]'.repeat(1_000);
    const text = spec(`{v: {default: ${'x'.repeat(2_000)}}}`, `a: {script: "${blocks}"}`);
    expect((await readText(text)).problems).toEqual(['4:13 config node too large']);
  });

  test.each([
    ['a text', `{v: {default: ${'x'.repeat(20_000)}}}`, 'x $[[ inputs.v ]]'],
    ['a list in lists', `{v: {type: array, default: [${'x,'.repeat(2_000)}]}}`, '$[[ inputs.v ]]'],
    ['a list as a value', `{v: {type: array, default: [[${'x,'.repeat(2_000)}]]}}`, '$[[ inputs.v[0] ]]'],
  ])('%s that is put in at many places is bounded', async (_, inputs, block) => {
    const lines = Array.from({ length: 2_000 }, () => `    - "${block}"`);
    const { problems } = await readText(spec(inputs, `a:\n  script:\n${lines.join('\n')}`));
    expect(problems).toEqual([expect.stringMatching(/^\d+:\d+ config too large$/)]);
  });

  test('blocks that never close take no longer than others', async () => {
    const text = spec('{v: {default: x}}', `a: {script: "${'$[[ '.repeat(200_000)}"}`);
    expect((await configOf(text)).jobs[0]?.build?.script[0]).toHaveLength(800_000);
    const open = '$[[a\n'.repeat(200_000);
    expect(findBlocks(`${open}${' '.repeat(200_000)}]]`)).toEqual([]);
    expect(findBlocks(`${'$[['.repeat(200_000)}\n]]`)).toHaveLength(1);
  });

  test('problems of an included file name it', async () => {
    const { problems } = await readText('include: t.yml\na: {script: x}', {
      't.yml': spec('{v: }', 'b: {script: x}'),
    });
    expect(problems).toEqual(['1:10 `t.yml`: `v` input: required value has not been provided']);
  });
});

describe('laws', () => {
  const part = fc.constantFrom(
    'include: a.yml\n',
    'stages: [x]\n',
    '.base: &b {script: [x]}\n',
    'job: {extends: .base}\n',
    'job:\n  script: x\n',
    '  <<: *b\n',
    '  rules: [{if: $A, when: manual}]\n',
    '  needs: [job]\n',
    'default: {image: x}\n',
    'variables: {A: 1}\n',
    'spec: {inputs: {v: }}\n---\n',
    '  script: !reference [job, script]\n',
    'x: $[[ inputs.v ]]\n',
    'workflow: {rules: [{if: x}]}\n',
    '  parallel: {matrix: [{A: [1]}]}\n',
    '  cache: [{key: {files: [x]}}]\n',
    '  artifacts: {reports: {junit: 1}}\n',
    '  trigger: {include: [x]}\n',
    '  environment: {name: 1}\n',
    ': ',
    '[',
    '}',
    '"',
    '\t',
    '- a\n',
    '  only: {refs: 1}\n',
  );
  const file = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));

  test('whatever the files: an answer, a configuration or an error with a place, and a merged form that can be printed', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, async (main, included) => {
        const { reading } = await readText(main, { 'a.yml': included });
        const errors = reading.problems.filter(({ severity }) => severity === 'error');
        expect(reading.config === null).toBe(errors.length > 0);
        for (const problem of reading.problems) {
          expect(problem.place).not.toBeNull();
          expect(formatProblem(problem, { color: false })).toContain(problem.place?.file);
        }
        if (reading.merged !== null) printYaml(reading.merged);
      }),
      { numRuns: 600 },
    );
  });
});
