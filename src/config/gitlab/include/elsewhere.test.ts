import { describe, expect, test } from 'vitest';
import { toJson } from '../../document/index.ts';
import { readConfig } from '../read-config.ts';
import { type MemoryElsewhere, memorySources } from '../test-support/memory-sources.ts';
import { contextOf } from '../test-support/read-yaml.ts';

/** What the tests include from: projects at refs, addresses, templates. */
const WORLD: MemoryElsewhere = {
  projects: {
    'group/lib@main': {
      'ci/a.yml': 'include: /ci/b.yml\na: {script: main}',
      'ci/b.yml': 'b: {script: main}',
      'ci/c.yml': 'c: {script: main}',
      'ci/rules.yml': 'include: [{local: ci/b.yml, rules: [{exists: [only-here.txt]}]}]\nr: {script: x}',
      'ci/wild.yml': 'include: ci/?.yml\nw: {script: x}',
      'ci/inputs.yml': 'spec: {inputs: {n: {}}}\n---\n"$[[ inputs.n ]]": {script: x}',
      'ci/broken.yml': 'x: {scrpt: 1}\ny: [',
      'ci/loop.yml': 'include: ci/loop.yml',
      'ci/missing.yml': 'include: ci/none.yml',
      'only-here.txt': '',
      'empty.yml': ' ',
    },
    'group/lib@v1': { 'ci/a.yml': 'a: {script: v1}' },
    'group/parts@main': {},
    'group/parts@1.0.0': { 'templates/one.yml': 'one: {script: 1.0.0}' },
    'group/parts@1.1.0': {
      'templates/one.yml': 'include: /shared.yml\none: {script: 1.1.0}',
      'templates/two/template.yml': 'two: {script: 1.1.0}',
      'shared.yml': 'shared: {script: x}',
    },
  },
  remotes: {
    'https://example.com/r.yml': 'r: {script: "$[[ inputs.x ]]"}',
    'https://example.com/local.yml': 'include: /ci/b.yml',
    'https://example.com/component.yml': 'include: {component: h/group/parts/one@1}',
    'https://example.com/more.yml': 'include: https://example.com/r.yml\nm: {script: x}',
    'https://example.com/var.yml': 'include: [{project: $LIB, file: ci/b.yml}]',
    'https://example.com/rules.yml':
      'include: [{remote: https://example.com/r.yml, rules: [{if: $CI}]}]\nm: {script: x}',
    'https://example.com/500.yml': 500,
    'https://example.com/empty.yml': '',
  },
  templates: { 'Nodejs.gitlab-ci.yml': 'n: {script: x}', 'Python.gitlab-ci.yml': 'p: {script: x}' },
};

async function read(include: string, variables: Readonly<Record<string, unknown>> = {}) {
  const sources = memorySources({ '.gitlab-ci.yml': `include: ${include}\nz: {script: z}` }, {}, WORLD);
  const context = contextOf({ project_variables: variables });
  const reading = await readConfig({ sources, file: '.gitlab-ci.yml', context });
  const problems = reading.problems.map(
    ({ place, message }) => `${place?.file}:${place?.line}:${place?.column} ${message}`,
  );
  return { reading, problems };
}

async function jobsOf(include: string, variables: Readonly<Record<string, unknown>> = {}) {
  const { reading, problems } = await read(include, variables);
  expect(problems).toEqual([]);
  return Object.fromEntries(reading.config?.jobs.map((job) => [job.name, job.build?.script[0]]) ?? []);
}

describe('what an include takes from elsewhere', () => {
  test.each<[string, object]>([
    ['{project: group/lib, file: ci/c.yml}', { c: 'main', z: 'z' }],
    ['{project: group/lib, file: /ci/a.yml, ref: v1}', { a: 'v1', z: 'z' }],
    ['{project: group/lib, file: [ci/b.yml, ci/c.yml]}', { b: 'main', c: 'main', z: 'z' }],
    ['[{project: group/lib, file: ci/a.yml}]', { b: 'main', a: 'main', z: 'z' }],
    ['{project: group/lib, file: ci/inputs.yml, inputs: {n: job}}', { job: 'x', z: 'z' }],
    ['{project: group/lib, file: ci/rules.yml}', { b: 'main', r: 'x', z: 'z' }],
    ['{project: "$LIB", file: "ci/${F}.yml", ref: $REF}', { a: 'v1', z: 'z' }],
    ['$ADDRESS/r.yml', { r: '$[[ inputs.x ]]', z: 'z' }],
    ['https://example.com/r.yml', { r: '$[[ inputs.x ]]', z: 'z' }],
    ['{remote: https://example.com/more.yml, cache: 1 hour}', { r: '$[[ inputs.x ]]', m: 'x', z: 'z' }],
    ['{remote: https://example.com/rules.yml, cache: true}', { m: 'x', z: 'z' }],
    ['{remote: https://example.com/empty.yml, rules: [{if: $NEVER}]}', { z: 'z' }],
    ['{template: Nodejs.gitlab-ci.yml}', { n: 'x', z: 'z' }],
    ['{component: h/group/parts/one@1.0.0}', { one: '1.0.0', z: 'z' }],
    ['{component: h/group/parts/one@1}', { shared: 'x', one: '1.1.0', z: 'z' }],
    ['{component: "h/group/parts/two@~latest"}', { two: '1.1.0', z: 'z' }],
    ['{component: "$HOST/group/parts/one@1.0"}', { one: '1.0.0', z: 'z' }],
  ])('%s', async (include, jobs) => {
    expect(
      await jobsOf(include, {
        LIB: 'group/lib',
        F: 'a',
        REF: 'v1',
        HOST: 'h:8443',
        ADDRESS: 'https://example.com',
      }),
    ).toEqual(jobs);
  });

  test('a digest that fits lets the remote file in, and no other', async () => {
    const remote = (digest: string) => `{remote: https://example.com/r.yml, integrity: sha256-${digest}}`;
    expect((await read(remote('dGdxqlAgyTugMYIL/RjJOQO75izQJTVsLCUfI/K7A+s='))).problems).toEqual([]);
    const { problems } = await read(remote('Y5oi5Z4jHiBfZ0YK5iWI2yUIg4cH+P6H8gEdGDzr1VI='));
    expect(problems).toEqual([
      '.gitlab-ci.yml:1:19 Remote file `https://example.com/r.yml` does not have the content that its `integrity` asks for',
    ]);
  });

  test('every value knows the project, the ref and the file it was written in', async () => {
    const { reading } = await read('[{project: group/lib, file: ci/a.yml}]');
    const job = reading.config?.jobs.find(({ name }) => name === 'b');
    const [, entry] = [...(job?.source.entries ?? [])][0] ?? [];
    expect(entry?.value.span.file.name).toBe('group/lib@HEAD:ci/b.yml');
    expect(entry?.via.map(({ name }) => name)).toEqual([
      'group/lib@HEAD:ci/b.yml',
      'group/lib@HEAD:ci/a.yml',
    ]);
    expect(reading.includes).toMatchObject([
      {
        kind: 'project',
        location: 'ci/a.yml',
        from: '.gitlab-ci.yml',
        project: { path: 'group/lib', ref: null },
      },
      {
        kind: 'local',
        location: 'ci/b.yml',
        from: 'group/lib@HEAD:ci/a.yml',
        fromProject: { path: 'group/lib' },
      },
    ]);
  });

  test('the merged file is the same wherever its parts were', async () => {
    const { reading } = await read(
      '[{project: group/lib, file: ci/c.yml}, {template: Nodejs.gitlab-ci.yml}]',
    );
    expect(reading.merged === null ? null : toJson(reading.merged)).toEqual({
      c: { script: 'main' },
      n: { script: 'x' },
      z: { script: 'z' },
    });
  });
});

describe('what cannot be included, in the place that wanted it', () => {
  test.each<[string, string]>([
    [
      '{project: group/none, file: a.yml}',
      '.gitlab-ci.yml:1:20 Project `group/none` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.',
    ],
    [
      '{project: group/lib, file: a.yml}',
      '.gitlab-ci.yml:1:20 Project `group/lib` file `a.yml` does not exist!',
    ],
    [
      '{project: group/lib, file: ../a.yml}',
      '.gitlab-ci.yml:1:20 Project `group/lib` file `../a.yml` does not exist!',
    ],
    [
      '{project: group/lib, file: empty.yml}',
      '.gitlab-ci.yml:1:20 Project `group/lib` file `empty.yml` is empty!',
    ],
    [
      '{project: group/lib, file: a.txt}',
      '.gitlab-ci.yml:1:20 Included file `a.txt` does not have YAML extension!',
    ],
    [
      '{project: group/lib, file: ci/a.yml, ref: none}',
      '.gitlab-ci.yml:1:20 Project `group/lib` reference `none` does not exist!',
    ],
    [
      '{project: group/lib, file: ci/missing.yml}',
      'group/lib@HEAD:ci/missing.yml:1:10 Local file `ci/none.yml` does not exist!',
    ],
    [
      '{project: group/lib, file: ci/loop.yml}',
      'group/lib@HEAD:ci/loop.yml:1:10 The file `group/lib@HEAD:ci/loop.yml` includes itself',
    ],
    [
      '{project: group/lib, file: ci/inputs.yml}',
      '.gitlab-ci.yml:1:20 `group/lib@HEAD:ci/inputs.yml`: `n` input: required value has not been provided',
    ],
    [
      'https://example.com/none.yml',
      '.gitlab-ci.yml:1:10 Remote file `https://example.com/none.yml` could not be fetched because of HTTP code `404` error!',
    ],
    [
      'https://me:secret@example.com/500.yml',
      '.gitlab-ci.yml:1:10 Remote file `https://example.com/500.yml` could not be fetched because of HTTP code `404` error!',
    ],
    [
      '{remote: ftp://example.com/a.yml}',
      '.gitlab-ci.yml:1:19 Remote file `ftp://example.com/a.yml` does not have a valid address!',
    ],
    [
      'https://example.com/a',
      '.gitlab-ci.yml:1:10 Included file `https://example.com/a` does not have YAML extension!',
    ],
    [
      'https://example.com/empty.yml',
      '.gitlab-ci.yml:1:10 Included file `https://example.com/empty.yml` is empty or does not exist!',
    ],
    [
      'https://example.com/local.yml',
      'https://example.com/local.yml:1:10 Local file `/ci/b.yml` does not have project!',
    ],
    [
      'https://example.com/component.yml',
      'https://example.com/component.yml:1:22 Unable to use components outside of a project context',
    ],
    [
      'https://example.com/var.yml',
      'https://example.com/var.yml:1:21 Project `` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.',
    ],
    ['{template: Nodejs.yml}', '.gitlab-ci.yml:1:21 Template file `Nodejs.yml` is not a valid location!'],
    [
      '{template: Ruby.gitlab-ci.yml}',
      '.gitlab-ci.yml:1:21 Included file `Ruby.gitlab-ci.yml` is empty or does not exist!',
    ],
    ['{component: one@1}', ".gitlab-ci.yml:1:22 Component 'one@1' - the component path is not supported"],
    [
      '{component: h/group/parts/one}',
      ".gitlab-ci.yml:1:22 Component 'h/group/parts/one' - the component path is not supported",
    ],
    [
      '{component: h/group/parts/none@1}',
      ".gitlab-ci.yml:1:22 Component 'h/group/parts/none@1' - content not found",
    ],
    [
      '{component: h/group/parts/one@3.0.0}',
      ".gitlab-ci.yml:1:22 Component 'h/group/parts/one@3.0.0' - content not found",
    ],
    [
      '{component: h/group/none/one@1}',
      ".gitlab-ci.yml:1:22 Component 'h/group/none/one@1' - project does not exist or you don't have sufficient permissions",
    ],
    [
      '{component: "h/group/lib/one@~latest"}',
      ".gitlab-ci.yml:1:22 Component 'h/group/lib/one@~latest' - The ~latest version reference is not supported for non-catalog resources. Use a tag, branch, or commit SHA instead.",
    ],
    [
      '{local: a.yml, integrity: sha256-AAAA}',
      '.gitlab-ci.yml:1:36 include config integrity can only be specified for remote includes',
    ],
    [
      '{remote: https://example.com/r.yml, integrity: md5-AAAA}',
      ".gitlab-ci.yml:1:57 include config integrity hash must start with 'sha256-'",
    ],
    [
      '{remote: https://example.com/r.yml, integrity: sha256-A}',
      '.gitlab-ci.yml:1:57 include config integrity hash must be base64 encoded',
    ],
    [
      '{remote: https://example.com/r.yml, cache: 10 seconds}',
      '.gitlab-ci.yml:1:53 include config cache duration must be at least 1 minute',
    ],
    [
      '{project: group/lib, file: ci/a.yml, ref: [v1]}',
      '.gitlab-ci.yml:1:52 include config ref should be a string',
    ],
  ])('%s', async (include, problem) => {
    const { reading, problems } = await read(include);
    expect(reading.config).toBeNull();
    expect(problems).toEqual([problem]);
  });

  test('a syntax error is shown in the file it is in', async () => {
    const { problems } = await read('{project: group/lib, file: ci/broken.yml}');
    expect(problems).toEqual([
      'group/lib@HEAD:ci/broken.yml:2:4 This list or mapping never ends: a closing ] or } is missing',
    ]);
  });

  test('what a secret variable holds is not shown', async () => {
    const secret = { value: 'hush-hush', masked: true };
    const { problems } = await read('https://example.com/$TOKEN/x.yml', { TOKEN: secret });
    expect(problems.join()).toContain('https://example.com/[MASKED]/x.yml');
  });

  test('names like the template that is not shipped are told', async () => {
    const { reading } = await read('{template: Node.gitlab-ci.yml}');
    expect(reading.problems[0]?.hint).toContain('Nodejs.gitlab-ci.yml');
  });

  test('ten thousand includes of what is not there end at the limit', async () => {
    const { problems } = await read(
      `[${Array.from({ length: 10_000 }, (_, n) => `{project: g/p${n}, file: a.yml}`).join()}]`,
    );
    expect(problems).toHaveLength(151);
    expect(problems.at(-1)).toContain('Maximum of 150 nested includes are allowed!');
  });
});
