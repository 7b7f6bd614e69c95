import { describe, expect, it } from 'vitest';
import { job, plan } from './test-support/plan-builder.ts';
import { commandsOf, scenarios } from './test-support/scenario.ts';

const a = job('a');
const b = job('b');
const twoStages = plan({ one: [a, b], two: [job('c')] });

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
