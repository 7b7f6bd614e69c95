import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobCalls, JobState, TraceAnswer, UpdateAnswer } from '../server/job-calls.ts';
import { hurriedClock } from '../test-support/hurried-clock.ts';
import { type JobReport, type JobReportRequest, startJobReport } from './job-report.ts';
import { createTraceBuffer, type TraceBuffer } from './trace-buffer.ts';

let folder: string;
let buffer: TraceBuffer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-report-'));
  buffer = createTraceBuffer(join(folder, 'log'));
});
afterEach(async () => {
  await buffer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const TOLD = { status: 'running', intervalMs: 3_000 };
const SUCCESS = { state: 'success', reason: null, exitCode: null } as const;

/** What becomes of a request on its way. */
type Weather =
  | 'fine'
  /** Nothing reached the server. */
  | 'lost'
  /** The server did it, and the answer was lost. */
  | 'unanswered'
  | 'busy'
  /** The server came back from a crash with some of what it had not yet acknowledged. */
  | 'crashed';

/** A server whose log grows only at its end; it checks the sum as ours does: once. */
function server(weather: () => Weather) {
  let log = Buffer.alloc(0);
  let acknowledged = 0;
  let restarted = false;
  const endings: JobState[] = [];
  const failed = (isAway: boolean) => ({ kind: 'failed', reason: 'weather', afterMs: 0, isAway }) as const;

  function append(start: number, bytes: Uint8Array): TraceAnswer {
    if (start !== log.length) return { kind: 'elsewhere', bytes: log.length, ...TOLD };
    log = Buffer.concat([log, bytes]);
    return { kind: 'accepted', bytes: log.length, ...TOLD };
  }

  function update(state: JobState): UpdateAnswer {
    if (state.state === 'running') return { kind: 'done', ...TOLD };
    const fits = state.sum === null || (state.sum.bytes === log.length && state.sum.crc32 === crc32(log));
    if (!fits && !restarted) {
      restarted = true;
      log = Buffer.alloc(0);
      acknowledged = 0;
      return { kind: 'resend', ...TOLD };
    }
    endings.push(state);
    return { kind: 'done', ...TOLD };
  }

  function through<Answer>(act: () => Answer) {
    const now = weather();
    if (now === 'lost') return failed(true);
    if (now === 'busy') return failed(false);
    const answer = act();
    if (now === 'crashed') log = log.subarray(0, Math.ceil((acknowledged + log.length) / 2));
    if (now !== 'fine') return failed(true);
    acknowledged = log.length;
    return answer;
  }

  const calls: JobCalls = {
    appendTrace: async (start, bytes) => through(() => append(start, bytes)),
    update: async (state) => through(() => update(state)),
  };
  return { calls, log: () => log, endings };
}

function report(calls: JobCalls, more: Partial<JobReportRequest> = {}): JobReport {
  return startJobReport({
    calls,
    buffer,
    logLimitBytes: 1e9,
    clock: hurriedClock(),
    random: () => 0.5,
    onCanceling: () => undefined,
    onGone: () => undefined,
    signal: new AbortController().signal,
    ...more,
  });
}

describe('what a job has to say', () => {
  it('is with the server, byte for byte, whatever becomes of the requests', async () => {
    const weathers = fc.array(
      fc.constantFrom<Weather>('fine', 'fine', 'lost', 'unanswered', 'busy', 'crashed'),
    );
    const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(weathers, pieces, async (forecast, bytes) => {
        const days = forecast.values();
        const { calls, log, endings } = server(() => days.next().value ?? 'fine');
        const own = createTraceBuffer(join(folder, `log-${Math.random()}`));
        const { sink, finish } = report(calls, { buffer: own });
        for (const piece of bytes) {
          await sink.write(piece);
          if (piece.length % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await finish(SUCCESS)).toEqual({ kind: 'told' });
        expect(log().equals(Buffer.concat(bytes))).toBe(true);
        expect(endings.length).toBeGreaterThan(0);
        await own[Symbol.asyncDispose]();
      }),
      { numRuns: 300 },
    );
  });

  it('is sent again from the beginning when the server has other bytes', async () => {
    const { calls, log } = server(() => 'fine');
    let isFirst = true;
    const once: JobCalls = {
      ...calls,
      appendTrace(start, bytes) {
        const sent = isFirst ? Buffer.alloc(bytes.length) : bytes;
        isFirst = false;
        return calls.appendTrace(start, sent);
      },
    };
    const { sink, finish } = report(once);
    await sink.write(Buffer.from('hello'));
    expect(await finish(SUCCESS)).toEqual({ kind: 'told' });
    expect(log().toString()).toBe('hello');
  });

  it('goes to a file when it is long, and in parts of a megabyte', async () => {
    const { calls, log } = server(() => 'fine');
    const sizes: number[] = [];
    const { sink, finish } = report({
      ...calls,
      appendTrace(start, bytes) {
        sizes.push(bytes.length);
        return calls.appendTrace(start, bytes);
      },
    });
    const piece = Buffer.alloc(300_000, 'x');
    for (let count = 0; count < 10; count += 1) await sink.write(piece);
    await finish(SUCCESS);
    expect(log().length).toBe(3_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
  });

  it('is cut so that it is within the limit with the words that say so', async () => {
    const { calls, log } = server(() => 'fine');
    const { sink, finish } = report(calls, { logLimitBytes: 200 });
    for (let line = 1; line <= 50; line += 1) await sink.write(Buffer.from(`line ${line}\n`));
    await finish(SUCCESS);
    expect(log().toString()).toMatch(/^line 1\nline 2\n.*longer than the 200 bytes/s);
    expect(log().toString()).not.toContain('line 50');
    expect(log().length).toBe(200);
  });
});

describe('what the server says', () => {
  it.each(['canceled', 'failed', 'success'])('of a job that is %s ends it', async (status) => {
    const { calls } = server(() => 'fine');
    const over: JobCalls = {
      ...calls,
      update: async () => ({ kind: 'done', status, intervalMs: null }),
    };
    const reason = await new Promise<string>((resolve) => {
      report(over, { onGone: resolve });
    });
    expect(reason).toBe(`the server says that it is ${status}`);
  });

  it('of a silent job that is being canceled arrives within ten seconds, once', async () => {
    const clock = hurriedClock();
    const { calls } = server(() => 'fine');
    let asked = 0;
    let canceledAt: number | null = null;
    let times = 0;
    const { finish } = report(
      {
        ...calls,
        update: async (state) => {
          asked += 1;
          return state.state === 'running'
            ? { kind: 'done', status: 'canceling', intervalMs: 60_000 }
            : calls.update(state);
        },
      },
      {
        clock,
        onCanceling() {
          canceledAt ??= clock.elapsed();
          times += 1;
        },
      },
    );
    while (asked < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(canceledAt).toBeLessThanOrEqual(10_000);
    expect(times).toBe(1);
    expect(await finish({ state: 'failed', reason: null, exitCode: null })).toEqual({ kind: 'told' });
  });

  it.each<TraceAnswer>([
    { kind: 'elsewhere', bytes: 1_000, ...TOLD },
    { kind: 'elsewhere', bytes: 0, ...TOLD },
    { kind: 'accepted', bytes: 0, ...TOLD },
    { kind: 'failed', reason: 'no', afterMs: 0, isAway: false },
  ])('is not asked for ever when it makes no sense: %j', async (answer) => {
    const never: JobCalls = {
      appendTrace: async () => answer,
      update: async () => ({ kind: 'resend', ...TOLD }),
    };
    const { sink, finish } = report(never);
    await sink.write(Buffer.from('hello'));
    expect(await finish(SUCCESS)).toMatchObject({ kind: 'given-up' });
  });

  it('is waited for while it is away, for an hour after the job', async () => {
    const clock = hurriedClock();
    const away: JobCalls = {
      appendTrace: async () => ({ kind: 'failed', reason: 'refused', afterMs: 0, isAway: true }),
      update: async () => ({ kind: 'failed', reason: 'refused', afterMs: 0, isAway: true }),
    };
    const { finish } = report(away, { clock });
    expect(await finish(SUCCESS)).toEqual({ kind: 'given-up', reason: 'refused' });
    expect(clock.elapsed()).toBeGreaterThan(3_600_000);
    expect(clock.elapsed()).toBeLessThan(3_700_000);
  });
});
