import type { Clock } from '../../base/clock.ts';
import { printable } from '../../base/printable.ts';
import type { JobEnded, RunEvent } from '../../local/index.ts';
import type { Colours } from '../colours.ts';
import { type Display, type Screen, writeTo } from './display.ts';
import { durationText } from './duration-text.ts';
import { type LogLines, readLogLines } from './log-lines.ts';
import { emptyRunView, type JobView, jobLabel, noteEvent } from './run-view.ts';
import { failureText, statusWord } from './status-look.ts';
import { summaryText } from './summary.ts';
import { padTo, textWidth } from './text-width.ts';

/**
 * A run for pipes and CI logs: every line begins with the name of its job, lines of one job are in order and whole,
 * and nothing that was written is ever taken back.
 */
export function plainDisplay(screen: Screen, colours: Colours, clock: Clock): Display {
  const view = emptyRunView();
  const logs = new Map<string, LogLines>();
  let nameWidth = 0;
  let output = '';

  function prefix(label: string): string {
    const paint = colours[JOB_COLOURS[colourOf(label)] ?? 'cyan'];
    return `${paint(padTo(label, nameWidth))} ${colours.dim('|')} `;
  }

  function logOf(label: string): LogLines {
    const known = logs.get(label);
    if (known !== undefined) return known;
    const start = prefix(label);
    const log = readLogLines(colours.isColorSupported, ({ text, header }) => {
      output += `${start}${header ? colours.bold(colours.cyan(`» ${text}`)) : text}\n`;
    });
    logs.set(label, log);
    return log;
  }

  function endLog(label: string): void {
    logs.get(label)?.end();
    logs.delete(label);
  }

  function render(event: RunEvent): void {
    const job = noteEvent(view, event, clock.elapsed());
    switch (event.type) {
      case 'pipeline-started': {
        const labels = event.jobs.map(({ name }) => textWidth(jobLabel(event.within, name)));
        nameWidth = Math.min(Math.max(nameWidth, ...labels), WIDEST_NAME);
        output += `${colours.bold(startedText(event))}\n`;
        return;
      }
      case 'job-log':
        logOf(jobLabel(event.within, event.job)).write(event.bytes);
        return;
      case 'job-ended':
        endLog(jobLabel(event.within, event.job));
        for (const line of failedTestLines(event))
          output += `${prefix(jobLabel(event.within, event.job))}${line}\n`;
        return;
      case 'job-status':
        if (job === null || UNINTERESTING.has(event.status)) return;
        if (event.status !== 'running') endLog(job.label);
        output += `${prefix(job.label)}${statusLine(job, colours)}\n`;
        return;
      case 'notice': {
        const paint = event.level === 'warning' ? colours.yellow : colours.dim;
        output += `${paint(`${event.level}: ${printable(event.message)}`)}\n`;
        return;
      }
      case 'pipeline-finished':
        for (const label of [...logs.keys()]) endLog(label);
        if (event.within.length === 0) output += summaryText(view, colours, screen.columns ?? 120);
        return;
    }
  }

  async function flush(): Promise<void> {
    const text = output;
    output = '';
    await writeTo(screen, text);
  }

  return {
    show(event) {
      render(event);
      return flush();
    },
    async close() {
      for (const label of [...logs.keys()]) endLog(label);
      await flush();
    },
  };
}

function startedText({
  ref,
  sha,
  name,
  within,
  jobs,
  stages,
}: Extract<RunEvent, { type: 'pipeline-started' }>): string {
  const title = name === null ? '' : ` "${printable(name)}"`;
  const which =
    within.length === 0 ? 'Pipeline' : `Pipeline of ${jobLabel(within.slice(0, -1), within.at(-1) ?? '')}`;
  const what = `${countOf(jobs.length, 'job')} in ${countOf(stages.length, 'stage')}`;
  return `${which}${title} for ${printable(ref)} at ${sha.slice(0, 8)}: ${what}`;
}

function statusLine(job: JobView, colours: Colours): string {
  const paint =
    job.status === 'success'
      ? colours.green
      : job.status !== 'failed'
        ? colours.cyan
        : job.failure?.allowed === true
          ? colours.yellow
          : colours.red;
  const again = job.status === 'running' && job.attempt > 1 ? ` (attempt ${job.attempt})` : '';
  const time = job.seconds === null || job.status === 'running' ? '' : ` in ${durationText(job.seconds)}`;
  const why = job.status === 'failed' ? `: ${printable(failureText(job))}` : '';
  return paint(`> ${statusWord(job.status, job.failure?.allowed)}${again}${time}${why}`);
}

function failedTestLines({ tests }: JobEnded): readonly string[] {
  if (tests === null || tests.failures.length === 0) return [];
  return tests.failures.map(
    ({ suite, name }) => `test failed: ${printable(suite === '' ? name : `${suite} › ${name}`)}`,
  );
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A colour of a job's own, the same in every run. */
function colourOf(label: string): number {
  let sum = 0;
  for (let at = 0; at < label.length; at++) sum = (sum * 31 + label.charCodeAt(at)) % 65_521;
  return sum % JOB_COLOURS.length;
}

const JOB_COLOURS = ['cyan', 'magenta', 'blue', 'yellow', 'green'] as const;
const WIDEST_NAME = 30;
/** What a reader of a log has no use for: every job goes through these. */
const UNINTERESTING: ReadonlySet<string> = new Set([
  'created',
  'pending',
  'preparing',
  'waiting_for_callback',
]);
