import { describe, expect, test } from 'vitest';
import { describePipeline } from './describe.ts';
import type { JobExplanation } from './explain.ts';
import { readPipeline } from './read-pipeline.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

describe('a job that a rule takes out', () => {
  test('shows each rule up to the one that decides, each clause and what it saw', async () => {
    const explained = await explain(
      'j',
      `j:
  script: x
  rules:
    - if: $CI_COMMIT_TAG && $MODE == "a" || $MODE == "b"
    - changes: [docs/*]
    - {exists: ["*.md"], when: never}
    - when: always
`,
      { changed_files: ['src/a'], project_variables: { MODE: 'c' } },
      { 'README.md': '' },
    );
    expect(explained).toMatchObject({
      included: false,
      reason: 'Rule 3 of 4 applies, and says when: never.',
    });
    expect(explained.rules?.map((rule) => [rule.place.line, rule.matches])).toEqual([
      [4, false],
      [5, false],
      [6, true],
      [7, null],
    ]);
    expect(explained.rules?.[0]?.if?.clauses).toEqual([
      { text: '$CI_COMMIT_TAG', variables: [{ name: 'CI_COMMIT_TAG', value: null }], result: false },
      { text: '$MODE == "a"', variables: [{ name: 'MODE', value: 'c' }], result: null },
      { text: '$MODE == "b"', variables: [{ name: 'MODE', value: 'c' }], result: false },
    ]);
    expect(explained.rules?.[1]?.changes).toEqual({
      patterns: ['docs/*'],
      matches: false,
      paths: [],
      remark: null,
    });
    expect(explained.rules?.[2]?.exists).toMatchObject({ matches: true, paths: ['README.md'] });
  });
});

describe('where things come from', () => {
  test('keys name file, line and the way through include, extends and default', async () => {
    const explained = await explain(
      'j',
      'include: base.yml\ndefault: {image: alpine}\nj:\n  extends: .base\n  variables: {OWN: "1"}\n',
      {},
      { 'base.yml': '.base:\n  script: [a]\n  variables: {BASE: b}\n' },
    );
    const origin = (key: string) => {
      const found = explained.keys.find((one) => one.key === key);
      return [found?.place.file, found?.place.line, ...(found?.via ?? []).map((step) => step.kind)];
    };
    expect(origin('script')).toEqual(['base.yml', 2, 'extends', 'include']);
    expect(origin('image')).toEqual(['.gitlab-ci.yml', 2, 'default']);
    expect(origin('variables')).toEqual(['.gitlab-ci.yml', 5]);
    const nested = explained.keys.find((one) => one.key === 'variables')?.keys ?? [];
    expect(nested.map(({ key, place }) => [key, place.file])).toEqual(
      expect.arrayContaining([
        ['BASE', 'base.yml'],
        ['OWN', '.gitlab-ci.yml'],
      ]),
    );
  });

  test('variables name their level, and which ones are overridden', async () => {
    const explained = await explain(
      'j: [m]',
      `variables: {A: root, B: root}
workflow: {rules: [{when: always, variables: {B: workflow}}]}
j:
  script: x
  variables: {A: job, C: job}
  parallel: {matrix: [{C: [m]}]}
  rules: [{when: always, variables: {D: rule}}]
`,
      { project_variables: { D: 'project' }, pipeline_variables: { A: 'pipeline' } },
    );
    const levels = (name: string) =>
      explained.variables
        .filter((variable) => variable.name === name)
        .map(({ level, value, overridden }) => `${level}=${value}${overridden ? ' (overridden)' : ''}`);
    expect(levels('A')).toEqual(['root=root (overridden)', 'job=job (overridden)', 'pipeline=pipeline']);
    expect(levels('B')).toEqual(['root=root (overridden)', 'workflow=workflow']);
    expect(levels('C')).toEqual(['job=job (overridden)', 'matrix=m']);
    expect(levels('D')).toEqual(['rule=rule (overridden)', 'project=project']);
    expect(levels('CI_JOB_NAME')).toEqual(['predefined=j: [m]']);
  });
});

describe('reasons', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ['no rule applies', 'j: {script: x, rules: [{if: $NOPE}]}', {}, 'None of its rules applies.'],
    [
      'nothing restricts',
      'workflow: {rules: [{when: always}]}\nj: {script: x}',
      {},
      'Nothing restricts the job.',
    ],
    [
      'the default for jobs without rules',
      'j: {script: x}',
      { source: 'merge_request_event' },
      'A job without rules runs for branches and tags only.',
    ],
    ['only', 'j: {script: x, only: [tags]}', {}, 'only:refs does not hold: tags.'],
    ['except', 'j: {script: x, except: [main]}', {}, 'except:refs holds: main.'],
    [
      'the workflow',
      'workflow: {rules: [{if: $NOPE}]}\nj: {script: x}',
      {},
      'There is no pipeline: workflow:rules want none.',
    ],
  ])('%s', async (_, yaml, context, reason) => {
    expect((await explain('j', yaml, context)).reason).toBe(reason);
  });
});

test('only and except show what they saw, and where they were written', async () => {
  const explained = await explain(
    'j',
    'j:\n  script: x\n  only:\n    variables: [$MODE == "a", $KEY]\n    changes: [src/*]\n  except: [tags, /^v/]\n',
    { project_variables: { MODE: 'b', KEY: { value: 's3cr3t-value', masked: true } }, changed_files: null },
  );
  const [refs, variables, changes] = explained.policy?.only ?? [];
  expect(refs).toMatchObject({
    part: 'refs',
    place: { line: 3 },
    ref: { kind: 'branch', name: 'main', source: 'push' },
  });
  expect(variables).toMatchObject({
    place: { line: 4 },
    expressions: [
      { text: '$MODE == "a"', result: false, clauses: [{ variables: [{ name: 'MODE', value: 'b' }] }] },
      { text: '$KEY', result: true, clauses: [{ variables: [{ name: 'KEY', value: '[MASKED]' }] }] },
    ],
  });
  expect(changes).toMatchObject({ place: { line: 5 }, changes: { remark: 'no-diff-known' } });
  expect(explained.policy?.except).toMatchObject([{ part: 'refs', place: { line: 6 }, holds: false }]);
});

test('the default of a job without rules was written nowhere', async () => {
  const explained = await explain('j', 'j: {script: x}');
  expect(explained.policy).toMatchObject({ implicit: true, only: [{ place: null, ref: { name: 'main' } }] });
});

test('secrets show nowhere', async () => {
  const secret = 's3cr3t-value';
  const explained = await explain(
    'j',
    'j: {script: x, rules: [{if: $KEY == "x"}, {if: "$SAME =~ /xx/"}, {exists: ["$KEY/*"]}]}',
    { project_variables: { KEY: { value: secret, masked: true }, SAME: `has ${secret} inside` } },
  );
  expect(JSON.stringify(explained)).not.toContain(secret);
});

test('secrets show nowhere in the description of the whole pipeline', async () => {
  const secret = 's3cr3t-value';
  const yaml = `workflow: {name: "of $KEY"}
j: {script: x, variables: {URL: "https://me:$KEY@host"}, environment: "$KEY"}`;
  const variables = { KEY: { value: secret, masked: true }, PIN: { value: '17', masked: true } };
  const context = contextOf({ project_variables: variables });
  const sources = memorySources({ '.gitlab-ci.yml': yaml });
  const described = describePipeline(await readPipeline({ sources, file: '.gitlab-ci.yml', context }));
  expect(JSON.stringify(described)).not.toContain(secret);
  expect(described).toMatchObject({
    jobs: {
      j: { effective_variables: { KEY: '[MASKED]', PIN: '[MASKED]', URL: 'https://me:[MASKED]@host' } },
    },
  });
});

test('the name in the file stands for the first of a parallel job; an unknown name for none', async () => {
  const yaml = 'j: {script: x, parallel: 3}';
  expect(await explain('j', yaml)).toMatchObject({ name: 'j 1/3', instances: ['j 1/3', 'j 2/3', 'j 3/3'] });
  await expect(explain('ghost', yaml)).rejects.toThrow('no such job');
});

async function explain(
  job: string,
  yaml: string,
  context: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<JobExplanation> {
  const sources = memorySources({ ...files, '.gitlab-ci.yml': yaml });
  const reading = await readPipeline({ sources, file: '.gitlab-ci.yml', context: contextOf(context) });
  const explained = await reading.explain(job);
  if (explained === null) throw new Error('no such job');
  return explained;
}
