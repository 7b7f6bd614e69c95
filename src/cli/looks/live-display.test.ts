import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../local/index.ts';
import { liveDisplay } from './live-display.ts';
import { ended, failed, finished, log, started, status } from './test-support/events.ts';
import { createManualClock } from './test-support/manual-clock.ts';
import { createTerminal } from './test-support/terminal.ts';

function begin(columns = 80, rows = 24) {
  const terminal = createTerminal(columns, rows);
  const clock = createManualClock();
  const display = liveDisplay(terminal, picocolors.createColors(true), clock);
  async function show(...events: readonly RunEvent[]): Promise<void> {
    for (const event of events) await display.show(event);
  }
  const lines = () => terminal.lines().map((line) => line.trimEnd());
  return { terminal, clock, display, show, lines };
}

describe('a run shown live', () => {
  it('has a line for each job with its state, time and last words', async () => {
    const { show, clock, lines } = begin();
    await show(started(['compile', 'unit', 'lint']), status('compile', 'success', { seconds: 1.5 }));
    await show(status('unit', 'running'), log('unit', 'collecting\n12 of 40'));
    clock.advance(2100);
    expect(lines()).toEqual([
      '',
      '✓ compile    1.5s',
      expect.stringMatching(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] unit {7}2\.1s {2}12 of 40$/),
      '○ lint',
      '  1 running, 1 passed, 1 waiting',
    ]);
  });

  it('prints the last lines of a job that failed, and where the rest is, above the others', async () => {
    const { show, clock, lines } = begin();
    const words = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`).join('');
    await show(
      started(['unit', 'lint']),
      status('unit', 'running'),
      log('unit', words),
      ended('unit'),
      failed('unit'),
    );
    clock.advance(200);
    expect(lines().slice(0, 2)).toEqual(['unit failed after 3.0s: exit code 1', '│ line 11']);
    expect(lines().slice(20)).toEqual([
      '│ line 30',
      '└ whole log: /state/logs/unit.log',
      '',
      '✗ unit    3.0s  failed',
      '○ lint',
      '  1 failed, 1 waiting',
    ]);
  });

  it('ends with the summary, shows the cursor again and leaves no timer', async () => {
    const { show, clock, lines, terminal } = begin();
    await show(started(['unit']));
    expect(terminal.cursorHidden).toBe(true);
    await show(status('unit', 'success', { seconds: 2 }), finished());
    expect(lines()).toEqual(['', '✓ unit  passed  2.0s', '', 'Pipeline passed in 5.0s: 1 passed']);
    expect(terminal.cursorHidden).toBe(false);
    expect(clock.waiting).toBe(0);
  });

  it('leaves the terminal as it was when it is closed in the middle', async () => {
    const { show, clock, display, terminal } = begin();
    await show(started(['unit']), status('unit', 'running'));
    clock.advance(500);
    await display.close();
    expect(terminal.lines()).toEqual([]);
    expect(terminal.cursorHidden).toBe(false);
    expect(clock.waiting).toBe(0);
  });

  it('paints as often for a thousand jobs as for one, and never more lines than the screen has', async () => {
    const { show, clock, lines, terminal } = begin(80, 12);
    const names = Array.from({ length: 1000 }, (_, at) => `job-${at}`);
    await show(started(names));
    const before = terminal.writes;
    for (const name of names.slice(0, 500))
      await show(status(name, 'running'), status(name, 'success', { seconds: 1 }));
    await show(status('job-700', 'running'), log('job-700', 'at work\n'));
    expect(terminal.writes).toBe(before);
    clock.advance(1000);
    expect(terminal.writes - before).toBe(10);
    expect(lines().length).toBeLessThan(12);
    expect(lines()).toContainEqual(expect.stringMatching(/job-700 .*at work$/));
    expect(lines()).toContainEqual(expect.stringMatching(/^✓ job-499/));
    expect(lines().at(-1)).toBe('  1 running, 500 passed, 499 waiting (992 not shown)');
  });

  it('follows the window when it changes its size', async () => {
    const { show, clock, lines, terminal } = begin(80, 24);
    await show(started(['a-job-with-quite-a-long-name']), status('a-job-with-quite-a-long-name', 'running'));
    await show(log('a-job-with-quite-a-long-name', `${'word '.repeat(30)}\n`));
    clock.advance(200);
    expect(lines().every((line) => line.length < 80)).toBe(true);
    terminal.resize(30, 10);
    clock.advance(200);
    expect(lines().every((line) => line.length < 30)).toBe(true);
    terminal.resize(20, 5);
    clock.advance(200);
    expect(lines().every((line) => line.length < 20)).toBe(true);
  });

  it('cannot be taken over by what a job prints', async () => {
    const { show, clock, lines } = begin();
    await show(started(['unit']), status('unit', 'running'));
    await show(log('unit', '\u001b[2J\u001b[10A\u001b]0;title\u0007\u001b[?1049h\u009b5A\rharmless'));
    clock.advance(200);
    expect(lines()).toContainEqual(expect.stringMatching(/harmless/));
    await show(ended('unit'), failed('unit'));
    clock.advance(200);
    expect(lines()).toContainEqual(expect.stringMatching(/^│ .*harmless/));
  });
});
