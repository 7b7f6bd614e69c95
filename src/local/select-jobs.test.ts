import { describe, expect, test } from 'vitest';
import { job, plan } from '../pipeline/test-support/plan-builder.ts';
import { selectJobs } from './select-jobs.ts';

const whole = plan({
  build: [job('compile'), job('docs')],
  test: [
    job('unit 1/2'),
    job('unit 2/2'),
    job('lint', { needs: [] }),
    job('e2e: [chrome, linux]', { needs: ['compile'] }),
  ],
  deploy: [job('ship', { when: 'manual', allowFailure: true }), job('notify', { when: 'on_failure' })],
});

describe('without needs', () => {
  test.each([
    { names: ['compile'], jobs: ['compile'], stages: ['build'] },
    { names: ['unit'], jobs: ['unit 1/2', 'unit 2/2'], stages: ['test'] },
    { names: ['e2e'], jobs: ['e2e: [chrome, linux]'], stages: ['test'] },
    { names: ['lint', 'compile'], jobs: ['compile', 'lint'], stages: ['build', 'test'] },
  ])('$names', ({ names, jobs, stages }) => {
    const selected = selectJobs(whole, names, false);
    expect(selected.jobs.map(({ name }) => name)).toEqual(jobs);
    expect(selected.stages).toEqual(stages);
  });

  test('what is not selected is not waited for', () => {
    expect(selectJobs(whole, ['e2e'], false).jobs[0]?.needs).toEqual([]);
  });

  test.each(['ship', 'notify'])('%s runs because it was asked for', (name) => {
    expect(selectJobs(whole, [name], false).jobs[0]?.when).toBe('on_success');
  });
});

describe('with needs', () => {
  test('a job of the graph brings what it needs', () => {
    expect(selectJobs(whole, ['e2e'], true).jobs.map(({ name }) => name)).toEqual([
      'compile',
      'e2e: [chrome, linux]',
    ]);
  });

  test('a job of a stage brings all earlier stages', () => {
    const selected = selectJobs(whole, ['ship'], true).jobs.map(({ name }) => name);
    expect(selected).toEqual([
      'compile',
      'docs',
      'unit 1/2',
      'unit 2/2',
      'lint',
      'e2e: [chrome, linux]',
      'ship',
    ]);
  });

  test('needs: [] brings nothing', () => {
    expect(selectJobs(whole, ['lint'], true).jobs).toHaveLength(1);
  });
});

test('a name that is no job is refused with the ones that come close', () => {
  expect(() => selectJobs(whole, ['Compiler'], false)).toThrow(
    expect.objectContaining({ code: 'no-such-job', hint: expect.stringContaining("'compile'") }),
  );
});

test.each([
  ['comiple', "Did you mean 'compile'?"],
  ['untit', "Did you mean 'unit'?"],
  ['nothing-near', 'slipway list shows the jobs; slipway explain JOB says why one is left out.'],
])('of %s it says: %s', (name, hint) => {
  expect(() => selectJobs(whole, [name], false)).toThrow(expect.objectContaining({ hint }));
});
