import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { Command } from './command.ts';
import type { PipelineEvent } from './event.ts';
import type { Plan } from './plan.ts';
import { createState } from './state.ts';
import { bridge, job, plan } from './test-support/plan-builder.ts';
import { commandsAfter, tell, toldWorld } from './test-support/scenario.ts';
import { happen } from './test-support/world.ts';

/** A rule without words carries the one before it on. */
type Scenario = readonly [rule: string, plan: Plan, story: string, standing: string];

const a = job('a');
const b = job('b');
const twoStages = plan({ one: [a, b], two: [job('c')] });

describe('stages', () => {
  const afterA = (when: 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed') =>
    plan({ one: [a], two: [job('c', { when })] });

  scenarios([
    [
      'nothing moves before the start',
      twoStages,
      'a passes',
      'a created, b created, c created, pipeline created',
    ],
    [
      'not even a cancel of one job',
      twoStages,
      'cancel a, start',
      'a pending, b pending, c created, pipeline pending',
    ],
    ['the first stage runs at once', twoStages, 'start', 'a pending, b pending, c created, pipeline pending'],
    [
      'a stage waits for every job of the one before',
      twoStages,
      'start, a passes, b starts',
      'a success, b running, c created, pipeline running',
    ],
    [
      'and runs when all have passed',
      twoStages,
      'start, a passes, b passes',
      'a success, b success, c pending, pipeline running',
    ],
    [
      'a failure skips the later stages, once its own stage is over',
      twoStages,
      'start, a fails, b starts',
      'a failed, b running, c created, pipeline running',
    ],
    ['', twoStages, 'start, a fails, b passes', 'a failed, b success, c skipped, pipeline failed'],
    [
      'a canceled job does, too',
      twoStages,
      'start, b passes, cancel a',
      'a canceled, b success, c skipped, pipeline canceled',
    ],
    [
      'on_failure runs after a failure',
      afterA('on_failure'),
      'start, a fails',
      'a failed, c pending, pipeline running',
    ],
    ['and only then', afterA('on_failure'), 'start, a passes', 'a success, c skipped, pipeline success'],
    [
      'not after a cancel',
      afterA('on_failure'),
      'start, cancel a',
      'a canceled, c skipped, pipeline canceled',
    ],
    [
      'always runs after a failure',
      afterA('always'),
      'start, a fails',
      'a failed, c pending, pipeline running',
    ],
    ['and after success', afterA('always'), 'start, a passes', 'a success, c pending, pipeline running'],
    [
      'but not after a cancel',
      afterA('always'),
      'start, cancel a',
      'a canceled, c skipped, pipeline canceled',
    ],
    [
      'manual is skipped after a failure',
      afterA('manual'),
      'start, a fails',
      'a failed, c skipped, pipeline failed',
    ],
    [
      'delayed is skipped after a failure',
      afterA('delayed'),
      'start, a fails',
      'a failed, c skipped, pipeline failed',
    ],
    [
      'a stage whose jobs were all skipped is passed over, and its failure remembered',
      plan({ one: [a], two: [b], three: [job('cleanup', { when: 'on_failure' })] }),
      'start, a fails',
      'a failed, b skipped, cleanup pending, pipeline running',
    ],
    [
      'skipped stages without any failure do not stop the next',
      plan({ one: [job('a', { when: 'on_failure' })], two: [b] }),
      'start',
      'a skipped, b pending, pipeline pending',
    ],
    [
      'a cleanup that passes does not heal the pipeline',
      afterA('on_failure'),
      'start, a fails, c passes',
      'a failed, c success, pipeline failed',
    ],
    ['a pipeline without jobs has passed', plan({}), 'start', 'pipeline success'],
  ]);
});

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

describe('needs', () => {
  const needy = (when: 'on_success' | 'on_failure' | 'always', options: { readonly aMay?: boolean } = {}) =>
    plan({
      one: [job('a', { allowFailure: options.aMay ?? false }), b],
      two: [job('c', { needs: ['a'], when })],
    });
  const manualNeed = (allowFailure: boolean) =>
    plan({ one: [job('m', { when: 'manual', allowFailure }), b], two: [job('c', { needs: ['m', 'b'] })] });

  scenarios([
    [
      'a job starts when what it needs has passed',
      needy('on_success'),
      'start, a passes',
      'a success, b pending, c pending, pipeline running',
    ],
    [
      'and waits for that alone',
      needy('on_success'),
      'start, b passes',
      'a pending, b success, c created, pipeline running',
    ],
    [
      'needs: [] waits for nothing',
      plan({ one: [a], two: [job('c', { needs: [] })] }),
      'start',
      'a pending, c pending, pipeline pending',
    ],
    [
      'needs in the same stage',
      plan({ one: [a, job('c', { needs: ['a'] })] }),
      'start',
      'a pending, c created, pipeline pending',
    ],
    [
      'needs of a job that comes later in its stage',
      plan({ one: [job('c', { needs: ['a'] }), a] }),
      'start, a passes',
      'c pending, a success, pipeline running',
    ],
    [
      'an optional need of an absent job is none',
      plan({ one: [a], two: [job('c', { needs: [{ job: 'gone', optional: true }] })] }),
      'start',
      'a pending, c pending, pipeline pending',
    ],
    [
      'the other needs of such a job count',
      plan({ one: [a], two: [job('c', { needs: [{ job: 'gone', optional: true }, 'a'] })] }),
      'start, a fails',
      'a failed, c skipped, pipeline failed',
    ],
    [
      'a failed need skips',
      needy('on_success'),
      'start, a fails',
      'a failed, b pending, c skipped, pipeline running',
    ],
    [
      'unless it may fail',
      needy('on_success', { aMay: true }),
      'start, a fails',
      'a failed, b pending, c pending, pipeline pending',
    ],
    [
      'on_failure runs',
      needy('on_failure'),
      'start, a fails',
      'a failed, b pending, c pending, pipeline running',
    ],
    [
      'a canceled need skips even always',
      needy('always'),
      'start, cancel a',
      'a canceled, b pending, c skipped, pipeline running',
    ],
    [
      'skips go down the chain',
      plan({ one: [a], two: [job('c', { needs: ['a'] })], three: [job('d', { needs: ['c'] })] }),
      'start, a fails',
      'a failed, c skipped, d skipped, pipeline failed',
    ],
    [
      'a skipped need skips, though a skipped stage would not',
      plan({ one: [job('a', { when: 'on_failure' })], two: [job('c', { needs: ['a'] }), job('d')] }),
      'start',
      'a skipped, c skipped, d pending, pipeline pending',
    ],
    [
      'but always runs after it, when the others are over',
      plan({
        one: [job('a', { when: 'on_failure' }), b],
        two: [job('c', { needs: ['a', 'b'], when: 'always' })],
      }),
      'start, b starts',
      'a skipped, b running, c created, pipeline running',
    ],
    [
      '',
      plan({
        one: [job('a', { when: 'on_failure' }), b],
        two: [job('c', { needs: ['a', 'b'], when: 'always' })],
      }),
      'start, b fails',
      'a skipped, b failed, c pending, pipeline running',
    ],
    [
      'a manual need that nobody has to play skips',
      manualNeed(true),
      'start, b passes',
      'm manual, b success, c skipped, pipeline success',
    ],
    [
      'until somebody does',
      manualNeed(true),
      'start, b passes, play m',
      'm pending, b success, c created, pipeline running',
    ],
    [
      '',
      manualNeed(true),
      'start, b passes, play m, m passes',
      'm success, b success, c pending, pipeline running',
    ],
    [
      'one that has to be played blocks',
      manualNeed(false),
      'start, b passes',
      'm manual, b success, c created, pipeline manual',
    ],
    [
      '',
      manualNeed(false),
      'start, b passes, play m, m passes',
      'm success, b success, c pending, pipeline running',
    ],
  ]);
});

describe('when: manual', () => {
  const manual = (allowFailure: boolean) =>
    plan({ one: [job('m', { when: 'manual', allowFailure })], two: [b] });

  scenarios([
    [
      'allowed to fail: the pipeline goes on without it',
      manual(true),
      'start',
      'm manual, b pending, pipeline pending',
    ],
    ['and passes without it', manual(true), 'start, b passes', 'm manual, b success, pipeline success'],
    [
      'it can be played later',
      manual(true),
      'start, b passes, play m',
      'm pending, b success, pipeline running',
    ],
    [
      'and fail without harm',
      manual(true),
      'start, b passes, play m, m fails',
      'm failed, b success, pipeline success',
    ],
    ['not allowed to fail: it blocks', manual(false), 'start', 'm manual, b created, pipeline manual'],
    ['until it is played', manual(false), 'start, play m', 'm pending, b created, pipeline pending'],
    ['and has passed', manual(false), 'start, play m, m passes', 'm success, b pending, pipeline running'],
    [
      'a failed job beside a blocking one: the pipeline is manual',
      plan({ one: [a, job('m', { when: 'manual' })] }),
      'start, a fails',
      'a failed, m manual, pipeline manual',
    ],
    [
      'only a manual job can be played',
      twoStages,
      'start, a passes, play a, play c',
      'a success, b pending, c created, pipeline running',
    ],
    [
      'a stage of nothing but manual jobs is skipped',
      plan({ one: [job('m', { when: 'manual', allowFailure: true })] }),
      'start',
      'm manual, pipeline skipped',
    ],
  ]);
});

describe('when: delayed', () => {
  const delayed = plan({ one: [job('d', { when: 'delayed', startInSeconds: 90 })], two: [b] });

  scenarios([
    ['the job waits for its timer', delayed, 'start', 'd scheduled, b created, pipeline scheduled'],
    ['then runs', delayed, 'start, d is due', 'd pending, b created, pipeline pending'],
    ['a person can start it sooner', delayed, 'start, play d', 'd pending, b created, pipeline pending'],
    ['', delayed, 'start, play d, d passes, d is due', 'd success, b pending, pipeline running'],
    [
      'canceled, it stays so',
      delayed,
      'start, cancel d, d is due',
      'd canceled, b skipped, pipeline canceled',
    ],
  ]);

  it('asks for a timer of that many seconds, and gives it up when it is not wanted', () => {
    expect(commandsOf(delayed, 'start', 'cancel d')).toEqual(['cancel-timer d 1']);
    expect(commandsOf(delayed, 'start', 'play d')).toEqual(['cancel-timer d 1', 'run-job d 1']);
    expect(commandsOf(delayed, 'start', 'd is due')).toEqual(['run-job d 1']);
    expect(commandsOf(delayed, '', 'start')).toEqual(['start-timer d 1']);
  });
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

describe('a person retries a job', () => {
  const cleanup = plan({
    one: [a],
    two: [b],
    three: [job('clean', { when: 'on_failure' }), job('d', { needs: ['b'] })],
  });

  scenarios([
    [
      'a failed one',
      twoStages,
      'start, b passes, a fails, retry a',
      'a pending, b success, c created, pipeline running',
    ],
    [
      'then later jobs run that were skipped',
      twoStages,
      'start, b passes, a fails, retry a, a passes',
      'a success, b success, c pending, pipeline running',
    ],
    [
      'or are skipped again',
      twoStages,
      'start, b passes, a fails, retry a, a fails',
      'a failed, b success, c skipped, pipeline failed',
    ],
    [
      'one that has passed',
      twoStages,
      'start, a passes, retry a',
      'a pending, b pending, c created, pipeline pending',
    ],
    [
      'a canceled one',
      twoStages,
      'start, cancel a, retry a',
      'a pending, b pending, c created, pipeline pending',
    ],
    [
      'not one that is still on its way',
      twoStages,
      'start, a starts, retry a, retry c',
      'a running, b pending, c created, pipeline running',
    ],
    [
      'not a skipped one',
      twoStages,
      'start, a fails, b passes, retry c',
      'a failed, b success, c skipped, pipeline failed',
    ],
    [
      'jobs that ran stay as they are',
      cleanup,
      'start, a fails, clean passes, retry a, a passes',
      'a success, b pending, clean success, d created, pipeline running',
    ],
    [
      'over needs and stages',
      cleanup,
      'start, a fails, clean passes, retry a, a passes, b passes',
      'a success, b success, clean success, d pending, pipeline running',
    ],
    [
      'skipped jobs of its own stage, by needs',
      plan({ one: [a, job('c', { needs: ['a'] }), job('d', { needs: ['c'] })] }),
      'start, a fails, retry a, a passes, c passes',
      'a success, c success, d pending, pipeline running',
    ],
    [
      'a job of a later stage waits if an earlier one is open again',
      twoStages,
      'start, a passes, b passes, c fails, retry a, retry c',
      'a pending, b success, c created, pipeline running',
    ],
    [
      'a manual job runs without another click',
      plan({ one: [job('m', { when: 'manual' })] }),
      'start, play m, m fails, retry m',
      'm pending, pipeline pending',
    ],
  ]);

  it('revives what comes later, in plan order, and leaves the rest of its own stage alone', () => {
    const revived = plan({
      one: [job('a'), job('f', { when: 'on_failure' })],
      two: [job('c', { needs: ['d'] }), job('d', { needs: ['a'] }), job('e')],
    });
    expect(commandsAfter(revived, 'start, a fails', 'retry a').map(shown)).toEqual([
      'a failed → created',
      'c skipped → created',
      'd skipped → created',
      'e skipped → created',
      'a created → pending',
      'run-job a 2',
      'pipeline failed → pending',
    ]);
  });
});

describe('resource groups', () => {
  const shared = plan({
    one: [
      job('a', { resourceGroup: 'prod' }),
      job('b', { resourceGroup: 'prod' }),
      job('c', { resourceGroup: 'test' }),
    ],
  });

  scenarios([
    [
      'one job at a time; others wait in line',
      shared,
      'start',
      'a pending, b waiting_for_resource, c pending, pipeline running',
    ],
    [
      'the next has its turn when the first is over',
      shared,
      'start, a fails',
      'a failed, b pending, c pending, pipeline running',
    ],
    ['or canceled', shared, 'start, cancel a', 'a canceled, b pending, c pending, pipeline running'],
    [
      'not while it is being canceled',
      shared,
      'start, a starts, cancel a',
      'a canceling, b waiting_for_resource, c pending, pipeline running',
    ],
    [
      'one that waits can be canceled',
      shared,
      'start, cancel b, a passes',
      'a success, b canceled, c pending, pipeline running',
    ],
    [
      'a retry goes to the end of the line',
      plan({ one: [job('a', { resourceGroup: 'prod', retry: {} }), job('b', { resourceGroup: 'prod' })] }),
      'start, a fails',
      'a waiting_for_resource, b pending, pipeline running',
    ],
    [
      'a bridge with a strategy keeps it until its pipeline is over',
      plan({
        one: [
          bridge('x', { resourceGroup: 'prod', strategy: 'mirror' }),
          job('b', { resourceGroup: 'prod' }),
        ],
      }),
      'start, x created, x becomes manual',
      'x manual, b waiting_for_resource, pipeline waiting_for_resource',
    ],
    [
      'a manual job asks when it is played',
      plan({ one: [job('m', { when: 'manual', resourceGroup: 'prod' })] }),
      'start',
      'm manual, pipeline manual',
    ],
  ]);

  it('asks once, and gives back once', () => {
    expect(commandsOf(shared, '', 'start')).toEqual([
      'request-resource a 1',
      'request-resource b 1',
      'request-resource c 1',
    ]);
    expect(commandsOf(shared, 'start', 'a passes')).toEqual(['release-resource a 1']);
    expect(commandsOf(shared, 'start', 'cancel b')).toEqual(['release-resource b 1']);
  });
});

describe('cancel', () => {
  const late = plan({
    one: [a, b, job('m', { when: 'manual', allowFailure: true }), job('d', { when: 'delayed' })],
    two: [job('c', { when: 'always' }), job('f', { when: 'on_failure' })],
  });

  scenarios([
    [
      'a running job is asked to stop, everything else is canceled, always-jobs too',
      late,
      'start, a starts, cancel',
      'a canceling, b canceled, m canceled, d canceled, c canceled, f canceled, pipeline canceling',
    ],
    [
      'and then is over',
      late,
      'start, a starts, cancel, a stops',
      'a canceled, b canceled, m canceled, d canceled, c canceled, f canceled, pipeline canceled',
    ],
    [
      'a job that was asked to stop is canceled, however it ended',
      late,
      'start, a starts, cancel, a passes',
      'a canceled, b canceled, m canceled, d canceled, c canceled, f canceled, pipeline canceled',
    ],
    [
      'what is over stays as it is',
      twoStages,
      'start, a passes, cancel',
      'a success, b canceled, c canceled, pipeline canceled',
    ],
    [
      'before the start, for good',
      twoStages,
      'cancel, start',
      'a canceled, b canceled, c canceled, pipeline canceled',
    ],
    [
      'though a job of it can be retried',
      twoStages,
      'cancel, retry a',
      'a pending, b canceled, c canceled, pipeline running',
    ],
    [
      'one job: the others go on',
      twoStages,
      'start, cancel a, b starts',
      'a canceled, b running, c created, pipeline running',
    ],
    [
      'a job that was not begun: those that need it are skipped',
      plan({ one: [a], two: [b], three: [job('c', { needs: ['b'] })] }),
      'start, cancel b',
      'a pending, b canceled, c skipped, pipeline running',
    ],
    [
      'a runner may cancel by itself',
      twoStages,
      'start, b passes, a stops',
      'a canceled, b success, c skipped, pipeline canceled',
    ],
  ]);

  it('takes back what was handed out', () => {
    expect(commandsOf(late, 'start, a starts', 'cancel')).toEqual([
      'cancel-job a 1',
      'cancel-job b 1',
      'cancel-timer d 1',
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
});

describe('bridges', () => {
  const to = (strategy: 'depend' | 'mirror' | null, options: Parameters<typeof bridge>[1] & object = {}) =>
    plan({ one: [bridge('x', { strategy, ...options })], two: [b] });

  scenarios([
    [
      'without strategy: pending until the pipeline exists',
      to(null),
      'start',
      'x pending, b created, pipeline pending',
    ],
    ['then passed', to(null), 'start, x created', 'x success, b pending, pipeline running'],
    [
      'whatever becomes of it',
      to(null),
      'start, x created, x becomes failed',
      'x success, b pending, pipeline running',
    ],
    ['failed if it cannot be created', to(null), 'start, x refused', 'x failed, b skipped, pipeline failed'],
    [
      'which allow_failure allows',
      to(null, { allowFailure: true }),
      'start, x refused',
      'x failed, b pending, pipeline pending',
    ],
    [
      'depend: runs with it',
      to('depend'),
      'start, x created, x becomes pending',
      'x running, b created, pipeline running',
    ],
    [
      'passes with it',
      to('depend'),
      'start, x created, x becomes success',
      'x success, b pending, pipeline running',
    ],
    [
      'fails with it',
      to('depend'),
      'start, x created, x becomes failed',
      'x failed, b skipped, pipeline failed',
    ],
    [
      'is canceled with it',
      to('depend'),
      'start, x created, x becomes canceled',
      'x canceled, b skipped, pipeline canceled',
    ],
    [
      'fails when it was skipped',
      to('depend'),
      'start, x created, x becomes skipped',
      'x failed, b skipped, pipeline failed',
    ],
    [
      'runs while it is blocked',
      to('depend'),
      'start, x created, x becomes manual',
      'x running, b created, pipeline running',
    ],
    [
      'may fail with it',
      to('depend', { allowFailure: true }),
      'start, x created, x becomes failed',
      'x failed, b pending, pipeline pending',
    ],
    [
      'mirror: is manual with it',
      to('mirror'),
      'start, x created, x becomes manual',
      'x manual, b created, pipeline manual',
    ],
    [
      'which playing the bridge does not change',
      to('mirror'),
      'start, x created, x becomes manual, play x',
      'x manual, b created, pipeline manual',
    ],
    [
      'and runs again with it',
      to('mirror'),
      'start, x created, x becomes manual, x becomes pending',
      'x running, b created, pipeline running',
    ],
    [
      'is skipped with it',
      to('mirror'),
      'start, x created, x becomes skipped',
      'x skipped, b pending, pipeline pending',
    ],
    [
      'is canceled with it',
      to('mirror'),
      'start, x created, x becomes canceled',
      'x canceled, b skipped, pipeline canceled',
    ],
    [
      'a manual bridge',
      to('depend', { when: 'manual' }),
      'start, play x',
      'x pending, b created, pipeline pending',
    ],
    [
      'cancel: waits for its pipeline to end',
      to('depend'),
      'start, x created, cancel x',
      'x canceling, b created, pipeline running',
    ],
    [
      '',
      to('depend'),
      'start, x created, cancel x, x becomes canceled',
      'x canceled, b skipped, pipeline canceled',
    ],
    [
      'not sooner',
      to('depend'),
      'start, x created, cancel, x becomes running',
      'x canceling, b canceled, pipeline canceling',
    ],
    [
      'nor because of a late refusal',
      to('depend'),
      'start, x created, cancel, x refused',
      'x canceling, b canceled, pipeline canceling',
    ],
    [
      'a pipeline that was not triggered has no say',
      to('mirror', { when: 'manual' }),
      'start, x becomes success',
      'x manual, b created, pipeline manual',
    ],
    [
      'and for one that is just being created',
      to(null),
      'start, cancel',
      'x canceling, b canceled, pipeline canceling',
    ],
    ['', to(null), 'start, cancel, x created', 'x canceled, b canceled, pipeline canceled'],
    ['', to('depend'), 'start, cancel, x refused', 'x canceled, b canceled, pipeline canceled'],
    [
      'retry: makes another pipeline',
      to('depend'),
      'start, x created, x becomes failed, retry x',
      'x pending, b created, pipeline pending',
    ],
    ['runners have no say in bridges', to(null), 'start, x passes', 'x pending, b created, pipeline pending'],
    [
      'nor other pipelines in jobs',
      twoStages,
      'start, a created',
      'a pending, b pending, c created, pipeline pending',
    ],
  ]);

  it('cancels the pipeline that came of a trigger after the bridge was canceled', () => {
    expect(commandsOf(to(null), 'start, cancel', 'x created')).toEqual(['cancel-downstream x 1']);
    expect(commandsOf(to('depend'), 'start, cancel', 'x created')).toEqual(['cancel-downstream x 1']);
    expect(commandsOf(to('depend'), 'start, x created', 'cancel')).toEqual(['cancel-downstream x 1']);
    expect(commandsOf(to('depend'), 'start, x created, cancel', 'x created')).toEqual([]);
  });

  it('triggers a mirrored bridge that was skipped anew when it is given another chance', () => {
    const mirrored = plan({ one: [a], two: [bridge('x', { strategy: 'mirror' })] });
    const story = 'start, a passes, x created, x becomes skipped, retry a';
    expect(commandsOf(mirrored, story, 'a passes')).toEqual(['trigger-downstream x 2']);
  });
});

describe('variables given by a person', () => {
  it('reach the run, its automatic retry, and a retry that gives none', () => {
    const manual = plan({ one: [job('m', { when: 'manual', resourceGroup: 'prod', retry: {} })] });
    const world = toldWorld(manual, 'start');
    const fail = { status: 'failed', reason: 'script_failure', exitCode: 1 } as const;
    const events: readonly PipelineEvent[] = [
      { type: 'job-played', job: 'm', variables: { VERSION: '1' } },
      { type: 'resource-granted', job: 'm', attempt: 1 },
      { type: 'job-finished', job: 'm', attempt: 1, outcome: fail },
      { type: 'resource-granted', job: 'm', attempt: 2 },
      { type: 'job-finished', job: 'm', attempt: 2, outcome: fail },
      { type: 'job-retried', job: 'm', variables: null },
      { type: 'resource-granted', job: 'm', attempt: 3 },
      { type: 'job-finished', job: 'm', attempt: 3, outcome: fail },
      { type: 'job-retried', job: 'm', variables: { VERSION: '2' } },
      { type: 'resource-granted', job: 'm', attempt: 4 },
    ];
    const commands = events.flatMap((event) => happen(world, event).commands);
    const runs = commands.flatMap((command) => (command.type === 'run-job' ? [command.variables] : []));
    expect(runs).toEqual([{ VERSION: '1' }, { VERSION: '1' }, { VERSION: '1' }, { VERSION: '2' }]);
  });
});

describe('commands', () => {
  it('come in the documented order', () => {
    const diamond = plan({
      one: [job('a', { resourceGroup: 'prod' }), b],
      two: [job('d', { needs: ['c1'] }), job('c2', { needs: ['a'] }), job('c1', { needs: ['a'] })],
      three: [job('e', { needs: ['d'], when: 'on_failure' }), job('f')],
    });
    const commands = commandsAfter(diamond, 'start, b passes, a starts', 'a fails');
    expect(commands.map(shown)).toEqual([
      'a running → failed',
      'release-resource a 1',
      'c2 created → skipped',
      'c1 created → skipped',
      'd created → skipped',
      'e created → skipped',
      'f created → skipped',
      'pipeline running → failed',
    ]);
    expect(commandsAfter(plan({ one: [a, b] }), '', 'start').map(shown)).toEqual([
      'a created → pending',
      'run-job a 1',
      'b created → pending',
      'run-job b 1',
      'pipeline created → pending',
    ]);
  });
});

describe('an event that does not fit', () => {
  const events: readonly PipelineEvent[] = [
    { type: 'pipeline-started' },
    { type: 'job-started', job: 'nobody', attempt: 1 },
    { type: 'job-started', job: 'a', attempt: 2 },
    { type: 'job-started', job: 'a', attempt: 0 },
    { type: 'job-finished', job: 'c', attempt: 1, outcome: { status: 'success' } },
    { type: 'delay-elapsed', job: 'a', attempt: 1 },
    { type: 'resource-granted', job: 'a', attempt: 1 },
    { type: 'downstream-created', job: 'a', attempt: 1 },
    { type: 'job-retried', job: 'a', variables: null },
    { type: 'job-played', job: '__proto__', variables: {} },
  ];

  it.each(events)('changes nothing: $type $job $attempt', (event) => {
    const { state } = toldWorld(twoStages, 'start');
    const step = advance(state, event);
    expect(step.state).toBe(state);
    expect(step.commands).toEqual([]);
  });
});

describe('a plan that breaks its own rules', () => {
  const broken: readonly (readonly [string, Plan])[] = [
    ['needs in a circle', plan({ one: [job('a', { needs: ['b'] }), job('b', { needs: ['a'] })] })],
    ['a need that does not exist', plan({ one: [job('a', { needs: ['gone'] })] })],
    ['two jobs of one name', plan({ one: [a, a] })],
    ['jobs out of order', { ...twoStages, stages: ['two', 'one'] }],
  ];

  it.each(broken)('is refused: %s', (_name, wrong) => {
    expect(() => createState(wrong)).toThrow();
  });
});

function scenarios(cases: readonly Scenario[]): void {
  const named = cases.map(([rule, sketch, story, expected]) => ({ rule, sketch, story, expected }));
  it.each(named)('$rule ($story)', ({ sketch, story, expected }) => {
    expect(tell(sketch, story)).toBe(expected);
  });
}

function commandsOf(sketch: Plan, story: string, sentence: string): string[] {
  return commandsAfter(sketch, story, sentence)
    .map(shown)
    .filter((text) => !text.includes('→'));
}

function shown(command: Command): string {
  switch (command.type) {
    case 'job-status-changed':
      return `${command.job} ${command.from} → ${command.to}`;
    case 'pipeline-status-changed':
      return `pipeline ${command.from} → ${command.to}`;
    default:
      return `${command.type} ${command.job} ${command.attempt}`;
  }
}
