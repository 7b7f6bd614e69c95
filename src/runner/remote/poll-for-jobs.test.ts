import { describe, expect, it } from 'vitest';
import { pollForJobs } from './poll-for-jobs.ts';
import type { RunnerEvent } from './runner-events.ts';
import type { JobOffer, RunnerCalls } from './server/runner-calls.ts';
import { hurriedClock } from './test-support/hurried-clock.ts';

/** What the server answers, one after another; the last stops the runner. */
async function poll(offers: readonly (JobOffer & { readonly afterMs?: number })[], longPollMs = 0) {
  const clock = hurriedClock();
  const stop = new AbortController();
  const asked: { readonly at: number; readonly lastUpdate: string }[] = [];
  const events: RunnerEvent[] = [];
  const jobs: unknown[] = [];
  const calls: RunnerCalls = {
    places: async () => ({ kind: 'held', held: [], askAgainMs: 1000 }),
    verify: async () => ({ kind: 'valid', id: 1, expiresAt: null }),
    unregister: async () => ({ kind: 'removed' }),
    async requestJob(lastUpdate) {
      asked.push({ at: clock.elapsed(), lastUpdate });
      if (longPollMs > 0) await new Promise<void>((resolve) => clock.after(longPollMs, resolve));
      const offer = offers[asked.length - 1];
      if (asked.length >= offers.length) stop.abort();
      return offer ?? { kind: 'conflict' };
    },
  };
  const end = await pollForJobs({
    calls,
    clock,
    random: () => 0.5,
    listener: (event) => events.push(event),
    roomForJob: () => Promise.resolve(),
    take: (job) => jobs.push(job),
    signal: stop.signal,
  });
  const waits = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
  return { end, waits, events, jobs, lastUpdates: asked.map(({ lastUpdate }) => lastUpdate) };
}

const none = (lastUpdate: string): JobOffer => ({ kind: 'none', lastUpdate });
const away: JobOffer = { kind: 'away', reason: 'refused', afterMs: 0 };
const job = (name: string): JobOffer => ({ kind: 'job', job: name });

describe('a runner asks for jobs', () => {
  it('again at once when it got one', async () => {
    const { waits, jobs } = await poll([job('a'), job('b'), job('c')]);
    expect(jobs).toEqual(['a', 'b', 'c']);
    expect(waits).toEqual([0, 0]);
  });

  it('with what the server told last, and again at once when there was news', async () => {
    const { waits, lastUpdates } = await poll([none('1'), none('2'), none('3')]);
    expect(lastUpdates).toEqual(['', '1', '2']);
    expect(waits).toEqual([0, 0]);
  });

  it('every three seconds when nothing is new and the server does not hold the request', async () => {
    const { waits } = await poll([none('1'), none('1'), none('1'), none('1')]);
    expect(waits).toEqual([0, 3_000, 3_000]);
  });

  it('at once when the server has held the request', async () => {
    const { waits } = await poll([none('1'), none('1'), none('1')], 50_000);
    expect(waits).toEqual([50_000, 50_000]);
  });

  it('not without end when there is news all the time and never a job', async () => {
    const { waits } = await poll(Array.from({ length: 60 }, (_, index) => none(String(index))));
    const total = waits.reduce((sum, wait) => sum + wait, 0);
    expect(total).toBeGreaterThan(8_000);
  });

  it('ever more rarely, at most every half minute, while the server is away, and tells it once', async () => {
    const { waits, events } = await poll([
      ...Array.from({ length: 12 }, () => away),
      job('a'),
      away,
      job('b'),
    ]);
    expect(waits.slice(0, 3)).toEqual([750, 1_500, 3_000]);
    expect(waits[11]).toBe(22_500);
    expect(waits[13]).toBe(750);
    expect(events.map(({ type }) => type)).toEqual([
      'server-away',
      'server-back',
      'server-away',
      'server-back',
    ]);
  });

  it('not before the server wants it', async () => {
    const { waits } = await poll([{ kind: 'away', reason: 'too many', afterMs: 20_000 }, job('a')]);
    expect(waits).toEqual([20_000]);
  });

  it('no more after three refusals in a row', async () => {
    const refused: JobOffer = { kind: 'refused', reason: '403 Forbidden' };
    const { end, waits } = await poll([refused, refused, none('1'), refused, refused, refused, job('never')]);
    expect(end).toBe('403 Forbidden');
    expect(waits).toHaveLength(5);
  });
});
