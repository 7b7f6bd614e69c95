import { describe, expect, it } from 'vitest';
import { job, plan } from './test-support/plan-builder.ts';
import { commandsAfter, scenarios, shown, toldWorld } from './test-support/scenario.ts';
import { happen } from './test-support/world.ts';

const b = job('b');

describe('allow_failure', () => {
  const allowed = plan({
    one: [job('a', { allowFailure: true })],
    two: [b, job('c', { when: 'on_failure' })],
  });
  const codes = plan({ one: [job('a', { allowFailureExitCodes: [42, 137] })], two: [b] });

  scenarios([
    ['the next stage runs', allowed, 'start, a fails', 'a failed, b pending, c skipped, pipeline pending'],
    [
      'and the pipeline passes',
      allowed,
      'start, a fails, b passes',
      'a failed, b success, c skipped, pipeline success',
    ],
    [
      'canceled counts alike',
      allowed,
      'start, cancel a, b passes',
      'a canceled, b success, c skipped, pipeline success',
    ],
    [
      'exit_codes: one of them is allowed',
      codes,
      'start, a fails 137',
      'a failed, b pending, pipeline pending',
    ],
    ['another is not', codes, 'start, a fails 1', 'a failed, b skipped, pipeline failed'],
    [
      'nor is a failure without one',
      codes,
      'start, a fails without job_execution_timeout',
      'a failed, b skipped, pipeline failed',
    ],
    [
      'exit_codes say nothing of a cancel',
      codes,
      'start, cancel a',
      'a canceled, b skipped, pipeline canceled',
    ],
  ]);
});

describe('retry', () => {
  const retried = (retry: Parameters<typeof job>[1] & object) => plan({ one: [job('a', retry)], two: [b] });
  const twice = retried({ retry: { max: 2 } });
  const system = retried({ retry: { max: 2, when: ['runner_system_failure', 'job_execution_timeout'] } });
  const codes = retried({ retry: { max: 1, exitCodes: [137] } });
  const both = retried({ retry: { max: 1, when: ['script_failure'], exitCodes: [137] } });
  const FAILED = 'a failed, b skipped, pipeline failed';
  const AGAIN = 'a pending, b created, pipeline pending';

  scenarios([
    ['a failed job gets another attempt', twice, 'start, a fails', AGAIN],
    ['and a third', twice, 'start, a fails, a fails', AGAIN],
    ['but no more', twice, 'start, a fails, a fails, a fails', FAILED],
    ['one that passes counts', twice, 'start, a fails, a passes', 'a success, b pending, pipeline running'],
    ['retry:when: a reason in the list', system, 'start, a fails without runner_system_failure', AGAIN],
    ['a reason that is not', system, 'start, a fails 1', FAILED],
    [
      'retry:when: always',
      retried({ retry: { when: ['always'] } }),
      'start, a fails without api_failure',
      AGAIN,
    ],
    ['retry:exit_codes alone: one of them', codes, 'start, a fails 137', AGAIN],
    ['another', codes, 'start, a fails 1', FAILED],
    ['none', codes, 'start, a fails without runner_system_failure', FAILED],
    ['both: either is enough', both, 'start, a fails 1', AGAIN],
    ['', both, 'start, a fails 137 unknown_failure', AGAIN],
    ['neither is not', both, 'start, a fails 2 unknown_failure', FAILED],
    ['some reasons no attempt can mend', twice, 'start, a fails without missing_dependency_failure', FAILED],
    [
      'a canceled job is not retried',
      twice,
      'start, a starts, cancel a, a stops',
      'a canceled, b skipped, pipeline canceled',
    ],
    [
      'a retried manual job does not wait for another click',
      plan({ one: [job('m', { when: 'manual', retry: {} })] }),
      'start, play m, m fails',
      'm pending, pipeline pending',
    ],
    [
      'nor a delayed one for its delay',
      plan({ one: [job('d', { when: 'delayed', retry: {} })] }),
      'start, d is due, d fails',
      'd pending, pipeline pending',
    ],
    [
      'allow_failure is asked again of each attempt',
      retried({ allowFailureExitCodes: [3], retry: { max: 1 } }),
      'start, a fails 3, a fails 1',
      FAILED,
    ],
  ]);

  it('tells of the failed attempt, and of the new one', () => {
    const changes = commandsAfter(twice, 'start', 'a fails').filter(
      (command) => command.type === 'job-status-changed',
    );
    expect(changes.map(({ attempt, from, to, willRetry }) => [attempt, from, to, willRetry])).toEqual([
      [1, 'pending', 'running', false],
      [1, 'running', 'failed', true],
      [2, 'failed', 'created', false],
      [2, 'created', 'pending', false],
    ]);
  });
});

describe('auto_cancel: on_job_failure: all', () => {
  const strict = (options: Parameters<typeof job>[1] & object = {}) =>
    plan({ one: [job('a', options), b], two: [job('c', { when: 'always' })] }, { onJobFailure: 'all' });

  scenarios([
    [
      'a failure cancels everything else',
      strict(),
      'start, b starts, a fails',
      'a failed, b canceling, c canceled, pipeline canceling',
    ],
    ['', strict(), 'start, b starts, a fails, b stops', 'a failed, b canceled, c canceled, pipeline failed'],
    [
      'not one that is allowed',
      strict({ allowFailure: true }),
      'start, a fails',
      'a failed, b pending, c created, pipeline pending',
    ],
    [
      'nor one that is retried',
      strict({ retry: {} }),
      'start, a fails',
      'a pending, b pending, c created, pipeline pending',
    ],
  ]);

  it('nor one that is to be done again, whatever its retry says', () => {
    const world = toldWorld(strict(), 'start, b starts');
    const outcome = {
      status: 'failed',
      reason: 'runner_system_failure',
      exitCode: null,
      again: true,
    } as const;
    happen(world, { type: 'job-started', job: 'a', attempt: 1 });
    const { commands } = happen(world, { type: 'job-finished', job: 'a', attempt: 1, outcome });
    expect(commands.map(shown)).toEqual([
      'a running → failed',
      'a failed → created',
      'a created → pending',
      'run-job a 2',
    ]);
  });
});
