import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Lane, matcherOf, type RunnerProfile } from './lane-catalogue.ts';
import { createWaitingRunners } from './waiting-runners.ts';

/** What looks now and then only because other processes may die must not be what brings the jobs to the runners here. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LANES: readonly Lane[] = [[], ['a'], ['b'], ['a', 'b']].map((tags, id) => ({
  ...{ id, tags, projectId: 1, protected: false, features: [] },
}));
const PROFILES: readonly RunnerProfile[] = [[], ['a'], ['b'], ['a', 'b']].map((tags, at) => ({
  ...{ tags, runUntagged: at !== 1, protected: false, features: [], projects: null },
}));

const step = fc.oneof(
  fc.record({ what: fc.constant('jobs' as const), lane: fc.nat(3), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ what: fc.constant('runner' as const), profile: fc.nat(3) }),
  fc.record({ what: fc.constant('leaves' as const), runner: fc.nat(20) }),
  fc.record({ what: fc.constant('taken by another' as const), lane: fc.nat(3) }),
);

test('no job is left to wait while a runner that may take it sleeps, in whatever order things happen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 30 }), async (scheduler, steps) => {
      const jobs = LANES.map(() => 0);
      const runners = createWaitingRunners(async () => {
        const seen = [...jobs];
        await scheduler.schedule(Promise.resolve(), 'looked');
        const lanes = LANES.flatMap((lane, at) =>
          (seen[at] ?? 0) > 0 ? [{ lane, jobs: seen[at] ?? 0 }] : [],
        );
        return { lanes, holders: new Map() };
      });
      const asleep = new Map<number, { readonly profile: RunnerProfile; readonly gone: AbortController }>();
      let given = 0;
      let taken = 0;

      async function take(profile: RunnerProfile): Promise<true | null> {
        await scheduler.schedule(Promise.resolve(), 'asks');
        const matches = matcherOf(profile);
        const at = LANES.findIndex((lane, index) => (jobs[index] ?? 0) > 0 && matches(lane));
        const found = jobs[at];
        if (found !== undefined) jobs[at] = found - 1;
        await scheduler.schedule(Promise.resolve(), 'has asked');
        if (found === undefined) return null;
        taken += 1;
        return true;
      }

      async function comes(id: number, profile: RunnerProfile): Promise<void> {
        const since = runners.key();
        if ((await take(profile)) !== null) return;
        const gone = new AbortController();
        asleep.set(id, { profile, gone });
        await runners.serve({ profile, since, signal: gone.signal }, () => take(profile));
        asleep.delete(id);
      }

      for (const [id, one] of steps.entries()) {
        if (one.what === 'jobs') {
          jobs[one.lane] = (jobs[one.lane] ?? 0) + one.count;
          given += one.count;
          runners.changed();
        } else if (one.what === 'runner') {
          const profile = PROFILES[one.profile];
          if (profile !== undefined) void comes(id, profile);
        } else if (one.what === 'leaves') {
          asleep.get(one.runner)?.gone.abort();
        } else if ((jobs[one.lane] ?? 0) > 0) {
          jobs[one.lane] = (jobs[one.lane] ?? 0) - 1;
          taken += 1;
        }
        if (scheduler.count() > 0) await scheduler.waitOne();
      }
      for (let round = 0; round < 10; round += 1) {
        await scheduler.waitIdle();
        // Longer than after a vain attempt, all together shorter than until it is looked for no reason.
        await vi.advanceTimersByTimeAsync(60);
      }
      const left = jobs.reduce((all, count) => all + count, 0);
      expect(left + taken).toBe(given);
      for (const { profile } of asleep.values()) {
        const matches = matcherOf(profile);
        expect(LANES.filter((lane, at) => (jobs[at] ?? 0) > 0 && matches(lane))).toEqual([]);
      }
      runners.close();
    }),
  );
});

test('as many are woken as there are jobs, those who came first; who was woken in vain keeps its place', async () => {
  const [lane, profile] = [LANES[0], PROFILES[0]];
  if (lane === undefined || profile === undefined) throw new Error('There are none');
  let jobs = 0;
  const runners = createWaitingRunners(async () => ({
    lanes: jobs > 0 ? [{ lane, jobs }] : [],
    holders: new Map(),
  }));
  const { signal } = new AbortController();
  const asked: number[] = [];
  let refuses = 1;
  for (let number = 0; number < 100; number += 1) {
    void runners.serve({ profile, since: runners.key(), signal }, async () => {
      asked.push(number);
      if (refuses-- > 0) return null;
      jobs -= 1;
      return true;
    });
  }
  jobs = 3;
  runners.changed();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([0, 1, 2, 0]);
  runners.close();
});
