import { describe, expect, test } from 'vitest';
import { buildOf, configOf, jobOf, readText } from '../test-support/read-text.ts';

describe('the shape of a job', () => {
  test.each([
    ['a: {stage: build}', '1:1 jobs a config should implement the script:, run:, or trigger: keyword'],
    ['a: hello', '1:1 jobs a config should implement the script:, run:, or trigger: keyword'],
    ['a: [x]', '1:1 jobs a config should implement the script:, run:, or trigger: keyword'],
    ['a: {script: null}', "1:13 jobs:a script can't be blank"],
    ['.a: {script: x}', '1:1 jobs config should contain at least one visible job'],
    ['10: {script: x}', '1:1 jobs:10 name should be a symbol'],
    ['on: {script: x}', '1:1 jobs:true name should be a symbol'],
    [
      `${'n'.repeat(256)}: {script: x}`,
      `1:1 jobs:${'n'.repeat(256)} name is too long (maximum is 255 characters)`,
    ],
    ['a: {script: x, scripts: y}', '1:16 jobs:a config contains unknown keys: scripts'],
    ['a: {trigger: g/p, tags: [x]}', '1:19 jobs:a config contains unknown keys: tags'],
    [
      'a: {trigger: g/p, when: delayed}',
      '1:25 jobs:a when should be one of: on_success, on_failure, always, manual',
    ],
    [
      'a: {script: x, trigger: g/p}',
      '1:16 jobs:a config these keys cannot be used together: script, trigger',
    ],
    ['a: {run: [], trigger: g/p}', '1:14 jobs:a config these keys cannot be used together: run, trigger'],
    ['a: {script: x, run: []}', '1:16 jobs:a config these keys cannot be used together: script, run'],
    [
      'a: {run: [], before_script: x}',
      '1:14 jobs:a config these keys cannot be used together: run, before_script',
    ],
    [
      'a: {run: [], after_script: x}',
      '1:14 jobs:a config these keys cannot be used together: run, after_script',
    ],
    ['a: {script: []}', "1:13 jobs:a script can't be blank"],
    [
      'a: {script: 1}',
      '1:13 jobs:a:script config should be a string or a nested array of strings up to 10 levels deep',
    ],
    [
      'a: {script: [x, {y: z}]}',
      '1:17 jobs:a:script config should be a string or a nested array of strings up to 10 levels deep',
    ],
    [
      `a: {script: ${'['.repeat(12)}x${']'.repeat(12)}}`,
      '1:13 jobs:a:script config should be a string or a nested array of strings up to 10 levels deep',
    ],
    ['a: {script: x, stage: [b]}', '1:23 jobs:a:stage config should be a string'],
    [
      'a: {script: x, when: never}',
      '1:22 jobs:a when should be one of: on_success, on_failure, always, manual, delayed',
    ],
    ['a: {script: x, when: delayed}', '1:22 jobs:a start in should be a duration'],
    ['a: {script: x, when: delayed, start_in: soon}', '1:41 jobs:a start in should be a duration'],
    ['a: {script: x, when: delayed, start_in: 8 days}', '1:41 jobs:a start in should not exceed the limit'],
    ['a: {script: x, start_in: 1 day}', '1:26 jobs:a start in must be blank'],
    ['a: {script: x, allow_failure: maybe}', '1:31 jobs:a allow failure should be a hash or a boolean value'],
    [
      'a: {script: x, allow_failure: {exit_codes: x}}',
      '1:44 jobs:a:allow_failure exit codes should be an array of integers or an integer',
    ],
    ['a: {script: x, interruptible: 1}', '1:31 jobs:a:interruptible config should be a boolean value'],
    ['a: {script: x, tags: x}', '1:22 jobs:a:tags config should be an array of strings'],
    ['a: {script: x, timeout: 120}', '1:25 jobs:a:timeout config should be a duration'],
    ['a: {script: x, timeout: 2 months}', '1:25 jobs:a:timeout config should not exceed the limit'],
    ['a: {script: x, retry: 3}', '1:23 jobs:a:retry config must be less than or equal to 2'],
    ['a: {script: x, retry: -1}', '1:23 jobs:a:retry config must be greater than or equal to 0'],
    ['a: {script: x, retry: yes}', '1:23 jobs:a:retry config has to be either an integer or a hash'],
    ['a: {script: x, retry: {max: 3}}', '1:29 jobs:a:retry max must be less than or equal to 2'],
    ['a: {script: x, retry: {when: bad}}', '1:30 jobs:a:retry when is not included in the list'],
    ['a: {script: x, retry: {times: 1}}', '1:24 jobs:a:retry config contains unknown keys: times'],
    [
      'a: {script: x, coverage: 95}',
      '1:26 jobs:a:coverage config must be a regular expression with re2 syntax',
    ],
    [
      'a: {script: x, coverage: "\\\\d+"}',
      '1:26 jobs:a:coverage config must be a regular expression with re2 syntax',
    ],
    [
      'a: {script: x, coverage: "/(/"}',
      '1:26 jobs:a:coverage config must be a regular expression with re2 syntax',
    ],
    ['a: {script: x, resource_group: [a]}', '1:32 jobs:a resource group should be a string'],
    ['a: {script: x, dependencies: b}', '1:30 jobs:a dependencies should be an array of strings'],
    ['a: {script: x, hooks: {pre: x}}', '1:24 jobs:a:hooks config contains unknown keys: pre'],
    [
      'a: {script: x, inherit: {default: 1}}',
      '1:35 jobs:a:inherit:default should be a bool or array of strings',
    ],
    [
      'a: {script: x, inherit: {variables: {}}}',
      '1:37 jobs:a:inherit:variables should be a bool or array of strings',
    ],
    ["'': {script: x}", "1:1 jobs: name can't be blank"],
    ['a: {script: x, secrets: [x]}', '1:25 jobs:a:secrets config should be a hash'],
  ])('%s', async (text, problem) => {
    expect((await readText(text)).problems).toEqual([problem]);
  });

  test('the nearest keyword is suggested', async () => {
    const { reading } = await readText(
      'a: {scirpt: x}\nb: {script: x, befor_script: y}\nc: {script: x, zzz: 1}',
    );
    expect(reading.problems.map(({ hint }) => hint)).toEqual([
      'Did you mean `script` instead of `scirpt`?',
      'Did you mean `before_script`?',
      expect.stringMatching(/^Known are: stage, when, /),
    ]);
  });

  test.each([
    ['defaults: {image: x}\na: {script: x}', '1:1', 'default'],
    ['stage: [test]\na: {script: x}', '1:1', 'stages'],
    ['variable: {A: b}\na: {script: x}', '1:1', 'variables'],
  ])('a setting that was misspelt is no job: %s', async (text, at, meant) => {
    const { reading, problems } = await readText(text);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${at} `))]);
    expect(reading.problems[0]?.hint).toContain(`Did you mean \`${meant}\``);
  });

  test('the place of a misspelt keyword is the keyword, not its job', async () => {
    const { problems } = await readText('a:\n  stage: test\n  scirpt: x');
    expect(problems).toEqual([expect.stringMatching(/^3:3 jobs a config should implement the script:/)]);
  });

  test('every fault of every job is reported', async () => {
    const { problems } = await readText('a: {script: x, tags: 1, retry: 9}\nb: {script: 1}');
    expect(problems).toHaveLength(3);
  });

  test('what many jobs take from one template is reported once', async () => {
    const { problems } = await readText(
      '.x: {retry: 9, tagz: 1}\na: {extends: .x, script: x}\nb: {extends: .x, script: x}',
    );
    expect(problems).toEqual([
      '1:13 jobs:a:retry config must be less than or equal to 2',
      '1:16 jobs:a config contains unknown keys: tagz',
    ]);
  });

  test('names that begin with a dot are templates and may hold anything', async () => {
    expect(
      (await configOf('.x: [1]\n.y: {nonsense: 1}\na: {script: x}')).jobs.map(({ name }) => name),
    ).toEqual(['a']);
  });

  test.each([
    { steps: '[{name: a, script: x}, {name: b, script: y}]', warnings: [] },
    {
      steps: '[{name: a, script: x}, {name: b, step: gitlab.example.org/echo@1}]',
      warnings: [
        '1:10 warning jobs:a:run has steps that a local run cannot carry out: the job will fail there',
      ],
    },
  ])('run: $steps', async ({ steps, warnings }) => {
    expect((await readText(`a: {run: ${steps}}`)).problems).toEqual(warnings);
  });

  test('what is known but not done is carried, with a warning', async () => {
    const { problems, reading } = await readText(
      'a:\n  script: x\n  release: {tag_name: v1, description: First}\n  id_tokens: {T: {aud: x}}',
    );
    expect(problems).toEqual([
      '3:12 warning jobs:a:release is kept but has no effect in a local run',
      '4:14 warning jobs:a:id_tokens is kept but has no effect in a local run',
    ]);
    expect(reading.config?.jobs[0]?.build?.carried).toEqual({
      id_tokens: { T: { aud: 'x' } },
      release: { tag_name: 'v1', description: 'First' },
    });
  });
});

describe('what a job comes to', () => {
  test('scripts are flattened', async () => {
    const build = await buildOf(
      'a: {script: [x, [y, [z]]], before_script: b, after_script: [c, [d]], hooks: {pre_get_sources_script: h}}',
    );
    expect(build).toMatchObject({
      script: ['x', 'y', 'z'],
      beforeScript: ['b'],
      afterScript: ['c', 'd'],
      preGetSourcesScript: ['h'],
    });
  });

  test('what is not written has its default', async () => {
    expect(await jobOf('a: {script: x}')).toMatchObject({
      kind: 'build',
      stage: 'test',
      stageSpan: null,
      when: null,
      startInSeconds: null,
      allowFailure: null,
      allowFailureExitCodes: [],
      interruptible: null,
      rules: null,
      only: null,
      except: null,
      needs: null,
      dependencies: null,
      inheritVariables: true,
      parallel: null,
      resourceGroup: null,
      environment: null,
      build: {
        beforeScript: null,
        afterScript: null,
        preGetSourcesScript: null,
        tags: [],
        image: null,
        services: [],
        caches: [],
        artifacts: null,
        retry: null,
        timeoutSeconds: null,
        coverage: null,
        carried: {},
      },
    });
  });

  test.each([
    ['when: delayed, start_in: 30 minutes', { when: 'delayed', startInSeconds: 1800 }],
    ['when: delayed, start_in: "90"', { startInSeconds: 90 }],
    ['allow_failure: true', { allowFailure: true, allowFailureExitCodes: [] }],
    ['allow_failure: {exit_codes: [3, 4]}', { allowFailure: false, allowFailureExitCodes: [3, 4] }],
    ['resource_group: prod', { resourceGroup: 'prod' }],
    ['manual_confirmation: Sure?', { manualConfirmation: 'Sure?' }],
    ['inherit: {variables: [A]}', { inheritVariables: ['A'] }],
    ['stage: build', { stage: 'build' }],
  ])('%s', async (keys, expected) => {
    expect(await jobOf(`a: {script: x, ${keys}}`)).toMatchObject(expected);
  });

  test.each([
    ['retry: 2', { retry: { max: 2, when: [], exitCodes: [] } }],
    ['retry: {max: 1, when: script_failure}', { retry: { max: 1, when: ['script_failure'], exitCodes: [] } }],
    ['retry: {max: 2, exit_codes: 137}', { retry: { max: 2, when: [], exitCodes: [137] } }],
    ['retry: {max: 2, when: always, exit_codes: 137}', { retry: { max: 2, when: [], exitCodes: [] } }],
    ['timeout: 3h 30m', { timeoutSeconds: 12_600 }],
    ['timeout: "120"', { timeoutSeconds: 120 }],
    ["coverage: '/\\d+%/'", { coverage: '\\d+%' }],
    ["coverage: '/total/i'", { coverage: '(?i)total' }],
    ['tags: [a, b]', { tags: ['a', 'b'] }],
  ])('%s', async (keys, expected) => {
    expect(await buildOf(`a: {script: x, ${keys}}`)).toMatchObject(expected);
  });

  test.each([
    ['g/p', { target: { kind: 'project', project: 'g/p', branch: null }, strategy: null }],
    [
      '{project: g/p, branch: dev, strategy: depend}',
      { target: { kind: 'project', project: 'g/p', branch: 'dev' }, strategy: 'depend' },
    ],
    [
      '{include: c.yml}',
      { target: { kind: 'child', includes: [{ kind: 'local', path: 'c.yml', inputs: {} }] } },
    ],
    [
      '{include: [{local: c.yml, inputs: {a: 1}}, {artifact: d.yml, job: g}], forward: {pipeline_variables: true, yaml_variables: false}}',
      {
        target: {
          kind: 'child',
          includes: [
            { kind: 'local', path: 'c.yml', inputs: { a: 1 } },
            { kind: 'artifact', path: 'd.yml', job: 'g', inputs: {} },
          ],
        },
        forward: { yamlVariables: false, pipelineVariables: true },
      },
    ],
    [
      '{include: [{project: g/p, file: [x.yml, y.yml], ref: v1}]}',
      {
        target: {
          includes: [
            { kind: 'project', project: 'g/p', path: 'x.yml', ref: 'v1' },
            { kind: 'project', project: 'g/p', path: 'y.yml', ref: 'v1' },
          ],
        },
      },
    ],
  ])('trigger: %s', async (trigger, expected) => {
    expect(await jobOf(`a: {trigger: ${trigger}}`)).toMatchObject({
      kind: 'bridge',
      build: null,
      trigger: expected,
    });
  });

  test.each([
    ['{project: g/p, include: x.yml}', '1:27 jobs:a:trigger config contains unknown keys: project'],
    ['{branch: b}', "1:13 jobs:a:trigger project can't be blank"],
    ['{project: g/p, strategy: wait}', '1:37 jobs:a:trigger strategy should be depend or mirror'],
    ['[x]', '1:13 jobs:a:trigger has to be either a string or a hash'],
    ['{include: [a, b, c, d]}', '1:32 jobs:a:trigger:include config is too long (maximum is 3)'],
    ['{include: {artifact: x.yml}}', '1:22 jobs:a:trigger:include config should be an array or a string'],
    [
      '{include: [{artifact: x.yml}]}',
      '1:24 jobs:a:trigger:include:include config must specify the job where to fetch the artifact from',
    ],
  ])('trigger: %s is refused', async (trigger, problem) => {
    const { problems } = await readText(`a: {trigger: ${trigger}}`);
    expect(problems.map((text) => text.replace(/^1:\d+ /, ''))).toEqual([problem.replace(/^1:\d+ /, '')]);
  });
});

describe('default and inherit', () => {
  const defaults = 'default: {image: base, tags: [d], retry: 1, interruptible: true}\n';

  test('a job takes the defaults it does not set itself, whole', async () => {
    const config = await configOf(`${defaults}a: {script: x}\nb: {script: x, tags: [], retry: {max: 2}}`);
    expect(config.jobs[0]).toMatchObject({ interruptible: true, build: { tags: ['d'], retry: { max: 1 } } });
    expect(config.jobs[1]).toMatchObject({ build: { tags: [], retry: { max: 2 }, image: { name: 'base' } } });
  });

  test('inherit:default chooses', async () => {
    const config = await configOf(
      `${defaults}a: {script: x, inherit: {default: false}}\nb: {script: x, inherit: {default: [tags]}}`,
    );
    expect(config.jobs[0]).toMatchObject({ interruptible: null, build: { tags: [], image: null } });
    expect(config.jobs[1]).toMatchObject({ interruptible: null, build: { tags: ['d'], image: null } });
  });

  test('keywords at the root are defaults too, and clash with those of default', async () => {
    expect((await buildOf('image: top\na: {script: x}')).image?.name).toBe('top');
    expect((await readText('image: a\ndefault: {image: b}\na: {script: x}')).problems).toEqual([
      '1:1 image is defined in top-level and `default:` entry',
    ]);
  });

  test('default:timeout is taken by no job, and that is said', async () => {
    const { reading, problems } = await readText('default: {timeout: 1h}\na: {script: x}');
    expect(problems).toEqual(['1:20 warning default:timeout is kept but has no effect in a local run']);
    expect(reading.config?.jobs[0]?.build?.timeoutSeconds).toBeNull();
  });

  test('a fault in default is reported once, however many jobs take it', async () => {
    expect((await readText('default: {retry: 5, foo: 1}\na: {script: x}\nb: {script: x}')).problems).toEqual([
      '1:18 default:retry config must be less than or equal to 2',
      '1:21 default config contains unknown keys: foo',
    ]);
  });

  test('with a script in it, default is a job', async () => {
    const config = await configOf('default: {script: x, image: i}\na: {script: y}');
    expect(config.jobs.map(({ name, build }) => [name, build?.image?.name])).toEqual([
      ['default', 'i'],
      ['a', undefined],
    ]);
  });

  test('the source of a job shows its defaults and how they came', async () => {
    const job = await jobOf('default: {image: base}\na: {script: x}');
    expect(job.source.entries.get('image')?.via.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'default default',
    ]);
    expect(job.source.entries.get('script')?.via).toEqual([]);
  });
});

describe('stages, variables, workflow', () => {
  test.each([
    ['', ['.pre', 'build', 'test', 'deploy', '.post']],
    ['stages: [.post, z, .pre, a, z]\n', ['.pre', 'z', 'a', '.post']],
    ['stages: [a, [b, [c]]]\n', ['.pre', 'a', 'b', 'c', '.post']],
  ])('%j', async (text, stages) => {
    expect((await configOf(`${text}a: {script: x}`)).stages).toEqual(stages);
  });

  test('variables are texts', async () => {
    const { variables } = await configOf(
      'variables: {A: 1, B: true, C: null, D: 1.10, E: {value: x, description: d, options: [x, y], expand: false}}\na: {script: x}',
    );
    expect(Array.from(variables, ([name, { value, expand }]) => [name, value, expand])).toEqual([
      ['A', '1', true],
      ['B', 'true', true],
      ['C', '', true],
      ['D', '1.1', true],
      ['E', 'x', false],
    ]);
    expect(variables.get('E')).toMatchObject({ description: 'd', options: ['x', 'y'] });
  });

  test.each([
    ['variables: [a]', '1:12 variables config should be a hash of key value pairs'],
    ['variables: {A: [x]}', '1:16 variables:A config variable definition must be either a string or a hash'],
    ['variables: {A: {value: z, options: [x]}}', '1:24 variables:A config value must be present in options'],
    ['variables: {A: {options: [x]}}', '1:16 variables:A config value must be present in options'],
    ['variables: {A: {val: z}}', '1:17 variables:A config uses invalid data keys: val'],
    [
      'stages: build',
      '1:9 stages config should be an array of strings or a nested array of strings up to 10 levels deep',
    ],
    [
      'stages: [1]',
      '1:10 stages config should be an array of strings or a nested array of strings up to 10 levels deep',
    ],
    ['workflow: [x]', '1:11 workflow config should be a hash'],
    ['workflow: {names: x}', '1:12 workflow config contains unknown keys: names'],
    ['workflow: {rules: [{if: $CI, when: manual}]}', '1:36 workflow:rules:rule when unknown value: manual'],
    [
      'workflow: {auto_cancel: {on_new_commit: x}}',
      '1:41 workflow:auto_cancel on new commit must be one of: conservative, interruptible, none',
    ],
  ])('%s', async (text, problem) => {
    expect((await readText(`${text}\na: {script: x}`)).problems).toEqual([problem]);
  });

  test('variables of jobs and rules have no more than a value', async () => {
    expect((await readText('a: {script: x, variables: {A: {value: v, description: d}}}')).problems).toEqual([
      '1:42 jobs:a:variables:A config uses invalid data keys: description',
    ]);
    expect((await readText('a: {script: x, rules: [{variables: {A: {value: v}}}]}')).problems).toEqual([
      '1:40 jobs:a:rules:rule:variables:A config must be a string',
    ]);
    const job = await jobOf('a: {script: x, variables: {A: {value: v, expand: false}, B: 017}}');
    expect(Object.fromEntries(job.variables)).toEqual({
      A: { value: 'v', expand: false },
      B: { value: '15', expand: true },
    });
  });

  test('workflow', async () => {
    const { workflow } = await configOf(
      'workflow: {name: n, auto_cancel: {on_job_failure: all}, rules: [{if: $CI, auto_cancel: {on_new_commit: none}}, {when: never}]}\na: {script: x}',
    );
    expect(workflow).toMatchObject({
      name: 'n',
      autoCancel: { onNewCommit: 'conservative', onJobFailure: 'all' },
      rules: [
        { if: '$CI', when: null, autoCancel: { onNewCommit: 'none' } },
        { when: 'never', autoCancel: null },
      ],
    });
  });
});
