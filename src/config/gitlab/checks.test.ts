import { expect, test } from 'vitest';
import { readPipeline } from './read-pipeline.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

test.each([
  ['a stage', 'j: {script: x, stage: tset}', 'Did you mean `test`?'],
  ['a need', 'build: {script: x}\nj: {script: x, needs: [biuld]}', 'Did you mean `build`?'],
  [
    'a dependency',
    'build: {script: x, stage: build}\nj: {script: x, dependencies: [biuld]}',
    'Did you mean `build`?',
  ],
  [
    'a parallel job',
    'build: {script: x, parallel: 2}\nj: {script: x, needs: [biuld]}',
    'Did you mean `build`?',
  ],
  ['a template', '.base: {script: x}\nj: {extends: .bse}', 'Did you mean `.base`?'],
  ['nothing near', 'build: {script: x}\nj: {script: x, needs: [something]}', null],
])('what was meant is suggested for %s', async (_, yaml, hint) => {
  expect((await problemsOf(yaml)).map((problem) => problem.hint)).toEqual([hint]);
});

test('the first few of many faults get a suggestion: each one looks at every job', async () => {
  const jobs = Array.from({ length: 20 }, (_, at) => `j${at}: {script: x, needs: [biuld]}`);
  const hints = (await problemsOf(['build: {script: x}', ...jobs].join('\n'))).map(({ hint }) => hint);
  expect(hints).toHaveLength(20);
  expect(hints.filter((hint) => hint !== null)).toHaveLength(5);
});

test('a trigger of another project is warned about where it is written', async () => {
  expect(await problemsOf('j:\n  trigger: group/other')).toMatchObject([
    { code: 'trigger-outside-project', severity: 'warning', place: { line: 2, column: 12 } },
  ]);
});

async function problemsOf(yaml: string) {
  const sources = memorySources({ '.gitlab-ci.yml': yaml });
  return (await readPipeline({ sources, file: '.gitlab-ci.yml', context: contextOf({}) })).problems;
}
