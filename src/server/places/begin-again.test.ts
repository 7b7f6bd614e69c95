import { describe, expect, test } from 'vitest';
import { jobStates, type Plan } from '../../pipeline/index.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { toldWorld } from '../../pipeline/test-support/scenario.ts';
import { happen } from '../../pipeline/test-support/world.ts';
import { beginAgain, runsBefore } from './begin-again.ts';

/** These share files; the others do not. */
function sharing(names: readonly string[], made: Plan): Plan {
  const sharedWorkspace = { name: 'workspace', path: '/workspace', folder: '' };
  const jobs = made.jobs.map((one) =>
    one.kind === 'build' && names.includes(one.name) ? { ...one, sharedWorkspace } : one,
  );
  return { ...made, jobs };
}

const chain = plan({
  one: [job('c', { needs: ['b'] }), job('b', { needs: ['a'] }), job('a', { needs: [] })],
});
const BUILD = sharing(['a', 'b', 'c'], chain);

function again(made: Plan, story: string) {
  const world = toldWorld(made, story);
  const { events, anew, stillRunning } = beginAgain(world.state);
  for (const event of events) happen(world, event);
  const statuses = Object.fromEntries(
    Array.from(jobStates(world.state), ([name, one]) => [name, one.status]),
  );
  return { anew, stillRunning, statuses };
}

describe('a pipeline whose files are gone', () => {
  test('begins with its first job, however its file orders them', () => {
    expect(again(BUILD, 'start, a passes, b passes, c fails')).toEqual({
      ...{ anew: true, stillRunning: null },
      statuses: { a: 'pending', b: 'created', c: 'created' },
    });
  });

  test('names a job that has not ended', () => {
    const two = sharing(['a', 'b'], plan({ one: [job('a', { needs: [] }), job('b', { needs: [] })] }));
    expect(again(two, 'start, a fails, b starts')).toMatchObject({ anew: true, stillRunning: 'b' });
  });

  test('leaves jobs alone that share nothing and have passed', () => {
    const mixed = sharing(['a', 'b'], plan({ one: [job('other'), job('a')], two: [job('b')] }));
    expect(again(mixed, 'start, other passes, a passes, b fails').statuses).toEqual({
      ...{ other: 'success', a: 'pending', b: 'created' },
    });
  });

  test('does not begin anew for the sake of a job that shares nothing', () => {
    const mixed = sharing(['a'], plan({ one: [job('other'), job('a')] }));
    expect(again(mixed, 'start, a passes, other fails')).toMatchObject({
      ...{ anew: false, statuses: { other: 'pending', a: 'success' } },
    });
  });

  test('begins anew for a job that was skipped and has its turn now', () => {
    const mixed = sharing(['a', 'b'], plan({ one: [job('a'), job('other')], two: [job('b')] }));
    expect(again(mixed, 'start, a passes, other fails').statuses).toEqual({
      ...{ a: 'pending', other: 'pending', b: 'created' },
    });
  });

  test('does nothing when all has passed, unless a person may go on with it', () => {
    expect(again(BUILD, 'start, a passes, b passes, c passes')).toMatchObject({
      ...{ anew: false, statuses: { a: 'success', b: 'success', c: 'success' } },
    });
    const push = job('push', { needs: ['a'], when: 'manual', allowFailure: true });
    const waiting = sharing(['a', 'push'], plan({ one: [job('a', { needs: [] }), push] }));
    expect(again(waiting, 'start, a passes')).toMatchObject({
      ...{ anew: true, statuses: { a: 'pending', push: 'manual' } },
    });
  });
});

describe('a manual job that would run before those that make its files', () => {
  const push = job('push', { needs: ['a'], when: 'manual', allowFailure: true });
  const jobs = [job('a', { needs: [] }), push, job('alone', { needs: [], when: 'manual' })];
  const build = sharing(['a', 'push'], plan({ one: jobs }));

  test('is told which has not run', () => {
    const world = toldWorld(build, 'start, a passes');
    expect([runsBefore(world.state, 'push'), runsBefore(world.state, 'alone')]).toEqual([null, null]);
    for (const event of beginAgain(world.state).events) happen(world, event);
    expect([runsBefore(world.state, 'push'), runsBefore(world.state, 'alone')]).toEqual(['a', null]);
  });

  test('waits for earlier stages, too', () => {
    const staged = sharing(
      ['a', 'push'],
      plan({ one: [job('other'), job('a')], two: [job('push', { when: 'manual' })] }),
    );
    const world = toldWorld(staged, 'start, other passes, a passes');
    expect(runsBefore(world.state, 'push')).toBeNull();
    for (const event of beginAgain(world.state).events) happen(world, event);
    expect(runsBefore(world.state, 'push')).toBe('a');
    expect(runsBefore(world.state, 'unknown')).toBeNull();
  });
});
