import { describe, expect, it } from 'vitest';
import { job, plan } from './test-support/plan-builder.ts';
import { commandsAfter, scenarios, shown } from './test-support/scenario.ts';

const a = job('a');
const b = job('b');
const twoStages = plan({ one: [a, b], two: [job('c')] });

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
