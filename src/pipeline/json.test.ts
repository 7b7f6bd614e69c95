import { describe, expect, it } from 'vitest';
import { fromJson, toJson } from './json.ts';
import { job, plan } from './test-support/plan-builder.ts';
import { toldWorld } from './test-support/scenario.ts';

const sketch = plan({ one: [job('a', { allowFailureExitCodes: [3] })], two: [job('b')] });
const { state } = toldWorld(sketch, 'start, a fails 3');

describe('the JSON form of a state', () => {
  it('holds what cannot be computed from the plan', () => {
    expect(toJson(state)).toEqual({
      version: 1,
      started: true,
      jobs: [
        {
          name: 'a',
          status: 'failed',
          attempt: 1,
          allowedToFail: true,
          failure: { reason: 'script_failure', exitCode: 3 },
          immediate: false,
          variables: {},
          hasDownstream: false,
        },
        {
          name: 'b',
          status: 'pending',
          attempt: 1,
          allowedToFail: false,
          failure: null,
          immediate: false,
          variables: {},
          hasDownstream: false,
        },
      ],
    });
  });

  it('keeps a variable of any name', () => {
    const json: unknown = JSON.parse(
      JSON.stringify(toJson(state)).replace('"variables":{}', '"variables":{"__proto__":"x"}'),
    );
    const restored = JSON.stringify(toJson(fromJson(sketch, json)));
    expect(restored).toContain('"variables":{"__proto__":"x"}');
  });

  const [first, second] = toJson(state).jobs;
  const broken: readonly (readonly [string, unknown])[] = [
    ['nothing', null],
    ['a list', []],
    ['another version', { ...toJson(state), version: 2 }],
    ['no start', { version: 1, jobs: [first, second] }],
    ['no jobs', { version: 1, started: true }],
    ['too few jobs', { version: 1, started: true, jobs: [first] }],
    ['jobs in another order', { version: 1, started: true, jobs: [second, first] }],
    ['a job that is none', { version: 1, started: true, jobs: [first, 'b'] }],
    ['an unknown status', withSecond({ status: 'done' })],
    ['half an attempt', withSecond({ attempt: 1.5 })],
    ['a flag as text', withSecond({ allowedToFail: 'no' })],
    ['an unknown failure', withSecond({ failure: { reason: 'bad luck', exitCode: 1 } })],
    ['an exit code as text', withSecond({ failure: { reason: 'script_failure', exitCode: '1' } })],
    ['a variable that is a number', withSecond({ variables: { A: 1 } })],
  ];

  it.each(broken)('is refused when it is %s', (_what, json) => {
    expect(() => fromJson(sketch, json)).toThrow(
      expect.objectContaining({ code: 'pipeline-state-unreadable' }),
    );
  });

  function withSecond(changes: object): unknown {
    return { version: 1, started: true, jobs: [first, { ...second, ...changes }] };
  }
});
