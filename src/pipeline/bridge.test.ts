import { describe, expect, it } from 'vitest';
import { bridge, job, plan } from './test-support/plan-builder.ts';
import { commandsOf, scenarios } from './test-support/scenario.ts';

const a = job('a');
const b = job('b');
const twoStages = plan({ one: [a, b], two: [job('c')] });

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
    [
      'a pipeline that goes on: so does its bridge',
      to('depend'),
      'start, x created, x becomes failed, x resumes',
      'x running, b created, pipeline running',
    ],
    [
      'and ends with it',
      to('depend'),
      'start, x created, x becomes failed, x resumes, x becomes success',
      'x success, b pending, pipeline running',
    ],
    [
      'or as it did before',
      to('depend'),
      'start, x created, x becomes success, b passes, x resumes, x becomes failed',
      'x failed, b success, pipeline failed',
    ],
    [
      'not when nobody answers for it',
      to(null),
      'start, x created, x resumes',
      'x success, b pending, pipeline running',
    ],
    [
      'nor while it is at work',
      to('mirror'),
      'start, x created, x becomes manual, x resumes',
      'x manual, b created, pipeline manual',
    ],
    [
      'nor when its resource may be in other hands',
      to('depend', { resourceGroup: 'prod' }),
      'start, x created, x becomes failed, x resumes',
      'x failed, b skipped, pipeline failed',
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

  it('cancels a child that no job answers for with its parent, and with nothing less', () => {
    expect(commandsOf(to(null), 'start, x created', 'cancel')).toEqual([
      'cancel-job b 1',
      'cancel-downstream x 1',
    ]);
    expect(commandsOf(to(null), 'start, x created', 'cancel b')).toEqual(['cancel-job b 1']);
    expect(commandsOf(to(null), 'start, x refused', 'cancel')).toEqual([]);
  });

  it('triggers a mirrored bridge that was skipped anew when it is given another chance', () => {
    const mirrored = plan({ one: [a], two: [bridge('x', { strategy: 'mirror' })] });
    const story = 'start, a passes, x created, x becomes skipped, retry a';
    expect(commandsOf(mirrored, story, 'a passes')).toEqual(['trigger-downstream x 2']);
  });
});
