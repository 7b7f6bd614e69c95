import type { JobStatus } from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';
import { durationText } from './duration-text.ts';
import type { JobView, RunView } from './run-view.ts';
import { countsText, statusIcon, statusWord } from './status-look.ts';
import { cutTo, padTo, textWidth } from './text-width.ts';

/**
 * The block of lines that shows a run at one moment, never wider or higher than the terminal. When not all jobs fit:
 * those that run, then those that changed last; the line of counts speaks for the rest.
 */
export function liveFrame(
  view: RunView,
  lastLine: (job: JobView) => string,
  colours: Colours,
  size: { readonly columns: number; readonly rows: number },
  now: number,
): readonly string[] {
  if (view.pipeline === null) return [];
  const room = Math.max(size.rows - 4, 1);
  const jobs = choose(view, room);
  const nameWidth = Math.min(Math.max(0, ...jobs.map((job) => textWidth(job.label))), 40);
  const width = size.columns - 1;
  const lines = jobs.map((job) => jobLine(job, lastLine, colours, nameWidth, width, now));
  const hidden = view.jobs.size - jobs.length;
  const counts = countsText(view.counts) + (hidden > 0 ? ` (${hidden} not shown)` : '');
  return ['', ...lines, colours.dim(cutTo(`  ${counts}`, width))];
}

function jobLine(
  job: JobView,
  lastLine: (job: JobView) => string,
  colours: Colours,
  nameWidth: number,
  width: number,
  now: number,
): string {
  const running = job.runningSince !== null;
  const icon = running
    ? colours.cyan(SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '●')
    : statusIcon(colours, job.status, job.failure?.allowed);
  const name = padTo(cutTo(job.label, Math.min(nameWidth, width - 2)), nameWidth);
  const seconds = job.runningSince === null ? job.seconds : (now - job.runningSince) / 1000;
  const time = (seconds === null ? '' : durationText(seconds)).padStart(7);
  const note = running
    ? lastLine(job)
    : QUIET.has(job.status)
      ? ''
      : statusWord(job.status, job.failure?.allowed);
  const left = `${name} ${time}`;
  const rest = cutTo(note, width - textWidth(left) - 4);
  const shown = running ? name : colours.dim(name);
  if (textWidth(left) + 2 > width) return `${icon} ${cutTo(left, width - 2)}`;
  return `${icon} ${shown} ${time}${rest === '' ? '' : `  ${colours.dim(rest)}`}`;
}

/** At most `room` jobs, in the order of the plan. */
function choose(view: RunView, room: number): readonly JobView[] {
  const all = [...view.jobs.values()];
  if (all.length <= room) return all;
  const running = all.filter((job) => job.runningSince !== null).slice(0, room);
  const recent = all
    .filter((job) => job.runningSince === null && job.changed > 0)
    .sort((a, b) => b.changed - a.changed)
    .slice(0, room - running.length);
  const chosen = new Set([...running, ...recent]);
  return all.filter((job) => chosen.has(job));
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** States whose icon says enough. */
const QUIET: ReadonlySet<JobStatus> = new Set(['success', 'created', 'pending', 'preparing']);
