import { describe, expect, it } from 'vitest';
import { bridge, job, plan } from './test-support/plan-builder.ts';
import { commandsOf, scenarios } from './test-support/scenario.ts';

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
