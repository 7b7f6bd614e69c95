import type { Clock } from '../../base/clock.ts';
import { printable } from '../../base/printable.ts';
import type { RunEvent } from '../../local/index.ts';
import type { Colours } from '../colours.ts';
import { type Display, type Screen, writeTo } from './display.ts';
import { durationText } from './duration-text.ts';
import { liveFrame } from './live-frame.ts';
import { type LogLines, readLogLines } from './log-lines.ts';
import { emptyRunView, type JobView, jobLabel, noteEvent } from './run-view.ts';
import { failureText } from './status-look.ts';
import { summaryText } from './summary.ts';
import { textWidth } from './text-width.ts';

/**
 * A run on a terminal: a block of lines at the bottom that is painted anew a few times a second, with what must stay
 * (failed jobs' last lines, notices, the summary) scrolling away above it. However many events come in, painting costs
 * the same.
 */
export function liveDisplay(screen: Screen, colours: Colours, clock: Clock): Display {
  const view = emptyRunView();
  const tails = new Map<string, Tail>();
  /** The lines on the screen below what stays. */
  let painted: readonly string[] = [];
  /** What must be written above the block at the next painting. */
  let above = '';
  let cancelTimer: (() => void) | null = null;
  let closed = false;

  function tailOf(label: string): Tail {
    const known = tails.get(label) ?? createTail();
    tails.set(label, known);
    return known;
  }

  function paint(): string {
    const lines = closed ? [] : liveFrame(view, lastLine, colours, size(screen), clock.elapsed());
    const text = above;
    above = '';
    const old = painted;
    painted = lines;
    return `${BEGIN}${erase(old, size(screen).columns)}${text}${lines.map((line) => `${line}\n`).join('')}${END}`;
  }

  function lastLine(job: JobView): string {
    return tails.get(job.label)?.last() ?? '';
  }

  function tick(): void {
    cancelTimer = clock.after(FRAME_MILLISECONDS, tick);
    screen.write(paint());
  }

  function render(event: RunEvent): void {
    const job = noteEvent(view, event, clock.elapsed());
    if (event.type === 'job-log') {
      tailOf(jobLabel(event.within, event.job)).write(event.bytes);
      return;
    }
    if (event.type === 'notice') {
      const look = event.level === 'warning' ? colours.yellow : colours.dim;
      above += `${look(printable(event.message))}\n`;
    }
    if (event.type === 'job-status' && job !== null) {
      if (event.status === 'failed') above += failureBlock(job, tailOf(job.label), colours);
      if (event.status !== 'running' && event.status !== 'canceling') tails.delete(job.label);
    }
    if (event.type === 'pipeline-finished' && event.within.length === 0) {
      above += summaryText(view, colours, size(screen).columns);
      stop();
    }
  }

  function stop(): void {
    cancelTimer?.();
    cancelTimer = null;
    closed = true;
  }

  const repaint = () => {
    if (!closed) screen.write(paint());
  };
  screen.on('resize', repaint);

  return {
    async show(event) {
      if (cancelTimer === null && !closed) {
        await writeTo(screen, HIDE_CURSOR);
        tick();
      }
      const before = closed;
      render(event);
      if (closed && !before) await writeTo(screen, paint() + SHOW_CURSOR);
    },
    async close() {
      screen.off('resize', repaint);
      if (closed) return;
      stop();
      await writeTo(screen, paint() + SHOW_CURSOR);
    },
  };
}

/** Ten times a second is smooth to the eye and nothing to the processor. */
const FRAME_MILLISECONDS = 100;
const TAIL_LINES = 20;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know synchronised output show the frame at once; the others ignore it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

function size(screen: Screen): { readonly columns: number; readonly rows: number } {
  return { columns: Math.max(screen.columns ?? 80, 20), rows: Math.max(screen.rows ?? 24, 5) };
}

/** Goes up over the painted lines and clears them; lines that a narrowed window has wrapped count as several. */
function erase(lines: readonly string[], columns: number): string {
  if (lines.length === 0) return '';
  const rows = lines.reduce((sum, line) => {
    const width = textWidth(line.replaceAll(/\u001b\[[0-9;]*m/g, ''));
    return sum + Math.max(1, Math.ceil(width / columns));
  }, 0);
  return `\u001b[${rows}A\r\u001b[J`;
}

function failureBlock(job: JobView, tail: Tail, colours: Colours): string {
  const paint = job.failure?.allowed === true ? colours.yellow : colours.red;
  const time = job.seconds === null ? '' : ` after ${durationText(job.seconds)}`;
  const title = paint(colours.bold(`${job.label} failed${time}: ${printable(failureText(job))}`));
  const lines = tail.lines().map((line) => `${paint('│')} ${line}\n`);
  const rest =
    job.outcome === null ? '' : `${paint('└')} ${colours.dim(`whole log: ${job.outcome.logFile}`)}\n`;
  return `${title}\n${lines.join('')}${rest}`;
}

/** The last lines of a log, with colours, and its very last one without. */
interface Tail {
  write(bytes: Uint8Array): void;
  lines(): readonly string[];
  last(): string;
}

function createTail(): Tail {
  const ring: string[] = [];
  let last = '';
  const log: LogLines = readLogLines(false, ({ text }) => {
    if (text.trim() === '') return;
    last = text;
    ring.push(text.slice(0, 1000));
    if (ring.length > TAIL_LINES) ring.shift();
  });
  return {
    // Of a flood only the end can be seen, so only the end is read.
    write: (bytes) => log.write(bytes.length > 16_384 ? bytes.subarray(bytes.length - 16_384) : bytes),
    lines() {
      log.end();
      return ring;
    },
    last: () => log.unfinished().trim() || last,
  };
}
