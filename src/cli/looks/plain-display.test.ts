import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../local/index.ts';
import { plainDisplay } from './plain-display.ts';
import { ended, failed, finished, log, started, status } from './test-support/events.ts';
import { createManualClock } from './test-support/manual-clock.ts';
import { createTerminal } from './test-support/terminal.ts';

async function shown(events: readonly RunEvent[], colours = false): Promise<string> {
  const terminal = createTerminal(400, 50);
  const display = plainDisplay(terminal, picocolors.createColors(colours), createManualClock());
  for (const event of events) await display.show(event);
  await display.close();
  return terminal.written();
}

describe('a run shown plainly', () => {
  it('begins each line with the name of its job and ends with a summary', async () => {
    const text = await shown([
      started(['compile', 'unit'], ['build', 'test']),
      status('compile', 'pending'),
      status('compile', 'running'),
      log('compile', '$ make\nok\n'),
      ended('compile', { artifacts: [{ type: 'archive', fileName: 'a.tar', bytes: 2_400_000, files: 3 }] }),
      status('compile', 'success', { seconds: 1.23 }),
      status('unit', 'running'),
      ended('unit', {
        coverage: 87.5,
        tests: {
          total: 5,
          failed: 1,
          errored: 0,
          skipped: 1,
          seconds: 1,
          failures: [{ suite: 'sums', name: 'adds', message: 'expected 3' }],
        },
      }),
      failed('unit'),
      finished('failed'),
    ]);
    expect(text).toBe(`Pipeline for main at 01234567: 2 jobs in 2 stages
compile | > running
compile | $ make
compile | ok
compile | > passed in 1.2s
unit    | > running
unit    | test failed: sums › adds
unit    | > failed in 3.0s: exit code 1

✓ compile  passed  1.2s  artifacts: 3 files, 2.4 MB
✗ unit     failed  3.0s  exit code 1 · tests: 3 passed, 1 failed, 1 skipped · coverage: 87.5 %

Failed tests
  unit: sums › adds: expected 3

Logs: /state/logs
Pipeline failed in 5.0s: 1 passed, 1 failed
`);
  });

  it('shows sections as headers and says what is tried again or allowed', async () => {
    const text = await shown([
      started(['a']),
      log(
        'a',
        '\u001b[0Ksection_start:1:get\r\u001b[0KGetting the sources\nx\n\u001b[0Ksection_end:1:get\r\u001b[0K\n',
      ),
      failed('a', { willRetry: true }),
      status('a', 'running', { attempt: 2 }),
      failed('a', {
        reason: 'job_execution_timeout',
        message: 'ran longer than 10s',
        exitCode: null,
        allowed: true,
      }),
    ]);
    expect(text).toBe(`Pipeline for main at 01234567: 1 job in 1 stage
a | » Getting the sources
a | x
a | > failed in 3.0s: exit code 1; trying again
a | > running (attempt 2)
a | > failed (allowed) in 3.0s: ran longer than 10s
`);
  });

  it('names the jobs of a child pipeline after the bridge that started it', async () => {
    const text = await shown([
      { ...started(['unit']), within: ['child'] },
      { ...log('unit', 'hello\n'), within: ['child'] },
    ]);
    expect(text).toContain('child / unit | hello\n');
  });

  it('cannot be taken over by the name of a job or what it prints', async () => {
    const text = await shown([
      started(['evil\u001b[2J\nname']),
      log('evil\u001b[2J\nname', '\u001b[2J\u001b]0;x\u0007hi\n'),
    ]);
    expect(text).toContain('evil␛[2J name | hi\n');
    expect(text).not.toContain('\u001b');
  });

  it('keeps the lines of every job whole and in order, however they come in', async () => {
    const chunks = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'yy', '\n', 'z\n')), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const text = await shown([started(['a', 'b']), ...parts.map(([job, part]) => log(job, part))]);
        for (const job of ['a', 'b']) {
          const whole = parts
            .filter(([name]) => name === job)
            .map(([, part]) => part)
            .join('');
          const expected = whole.split('\n');
          if (expected.at(-1) === '') expected.pop();
          const seen = text.split('\n').filter((line) => line.startsWith(`${job} | `));
          expect(seen).toEqual(expected.map((line) => `${job} | ${line}`));
        }
      }),
    );
  });

  it('in a large pipeline lists only the jobs that did not pass', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `job ${at}`);
    const text = await shown([
      started(names),
      ...names.slice(1).map((name) => status(name, 'success', { seconds: 1 })),
      failed('job 0'),
      finished('failed'),
    ]);
    const summary = text.slice(text.indexOf('\n\n'));
    expect(summary).toContain('✗ job 0  failed');
    expect(summary).toContain('… and 999 more that passed or did not run');
    expect(summary).toContain('999 passed, 1 failed');
    expect(summary.split('\n').length).toBeLessThan(10);
  });

  it('waits until the reader takes more', async () => {
    const terminal = createTerminal();
    const display = plainDisplay(
      { ...terminal, write: () => false },
      picocolors.createColors(false),
      createManualClock(),
    );
    let went = false;
    const showing = Promise.resolve(display.show(log('a', 'x\n'))).then(() => {
      went = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(went).toBe(false);
    terminal.drain();
    await showing;
    expect(went).toBe(true);
  });
});
