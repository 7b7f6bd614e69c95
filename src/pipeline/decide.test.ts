import { describe, expect, it } from 'vitest';
import { job, plan } from './test-support/plan-builder.ts';
import { commandsOf, scenarios } from './test-support/scenario.ts';

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
