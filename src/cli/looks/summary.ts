import { printable } from '../../base/printable.ts';
import type { Colours } from '../colours.ts';
import { bytesText, durationText } from './duration-text.ts';
import { jobsUnderTheirBridges } from './job-order.ts';
import type { JobView, RunView } from './run-view.ts';
import { countsText, failureText, pipelineWord, statusIcon, statusWord } from './status-look.ts';
import { cutTo, padTo, textWidth } from './text-width.ts';

/**
 * What stands on the screen when a run is over: a row for each job (in a large pipeline only for those that did not
 * pass), the failed tests, where the logs are, and the pipeline's status with the counts.
 */
export function summaryText(view: RunView, colours: Colours, columns: number): string {
  const jobs = jobsUnderTheirBridges(view);
  const shown = jobs.length <= MOST_ROWS ? jobs : jobs.filter(isWorthARow).slice(0, MOST_ROWS);
  const rows = shown.map((job) => rowOf(job));
  const widths = COLUMNS.map((_title, at) => Math.max(...rows.map((row) => textWidth(row[at] ?? '')), 0));
  const lines = ['', ...rows.map((row, at) => tableLine(shown[at], row, widths, colours, columns))];
  if (shown.length < jobs.length) {
    const what = shown.length === MOST_ROWS ? 'more' : 'more that passed or did not run';
    lines.push(colours.dim(`  … and ${jobs.length - shown.length} ${what}`));
  }
  lines.push(...failedTests(jobs, colours, columns), '');
  const folder = logFolder(jobs);
  if (folder !== null) lines.push(colours.dim(`Logs: ${folder}`));
  lines.push(closingLine(view, colours));
  return `${lines.join('\n')}\n`;
}

const MOST_ROWS = 60;
/** After the icon and the name. */
const COLUMNS = ['name', 'status', 'seconds', 'left behind'] as const;

function isWorthARow(job: JobView): boolean {
  return job.status !== 'success' && job.status !== 'skipped' && job.status !== 'created';
}

function rowOf(job: JobView): readonly string[] {
  const attempts = job.attempt > 1 ? `, attempt ${job.attempt}` : '';
  return [
    job.label,
    `${statusWord(job.status, job.failure?.allowed)}${attempts}`,
    job.seconds === null ? '' : durationText(job.seconds),
    [job.status === 'failed' ? failureText(job) : '', testsText(job), coverageText(job), artifactsText(job)]
      .filter((text) => text !== '')
      .join(' · '),
  ];
}

function tableLine(
  job: JobView | undefined,
  row: readonly string[],
  widths: readonly number[],
  colours: Colours,
  columns: number,
): string {
  if (job === undefined) return '';
  const [name = '', status = '', seconds = '', rest = ''] = row;
  const [nameWidth = 0, statusWidth = 0, secondsWidth = 0] = widths;
  const left = `${padTo(name, nameWidth)}  ${padTo(status, statusWidth)}  ${seconds.padStart(secondsWidth)}`;
  const room = columns - textWidth(left) - 6;
  const icon = statusIcon(colours, job.status, job.failure?.allowed);
  return `${icon} ${left}${rest === '' ? '' : `  ${colours.dim(cutTo(rest, Math.max(room, 20)))}`}`.trimEnd();
}

function testsText({ outcome }: JobView): string {
  if (outcome === null || outcome.tests === null) return '';
  const { total, failed, errored, skipped } = outcome.tests;
  const parts = [`${total - failed - errored - skipped} passed`];
  if (failed + errored > 0) parts.push(`${failed + errored} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return `tests: ${parts.join(', ')}`;
}

function coverageText({ outcome }: JobView): string {
  return outcome?.coverage === null || outcome === null ? '' : `coverage: ${outcome.coverage} %`;
}

function artifactsText({ outcome }: JobView): string {
  const archives = outcome?.artifacts.filter((artifact) => artifact.type === 'archive') ?? [];
  if (archives.length === 0) return '';
  const files = archives.reduce((sum, artifact) => sum + artifact.files, 0);
  const bytes = archives.reduce((sum, artifact) => sum + artifact.bytes, 0);
  return `artifacts: ${files} ${files === 1 ? 'file' : 'files'}, ${bytesText(bytes)}`;
}

function failedTests(jobs: readonly JobView[], colours: Colours, columns: number): readonly string[] {
  const lines = jobs.flatMap((job) =>
    (job.outcome?.tests?.failures ?? []).map(({ suite, name, message }) => {
      const what = printable(suite === '' ? name : `${suite} › ${name}`);
      return cutTo(`  ${job.label}: ${what}: ${printable(message)}`, columns);
    }),
  );
  return lines.length === 0 ? [] : ['', colours.red('Failed tests'), ...lines];
}

/** The logs of one run lie in one folder. */
function logFolder(jobs: readonly JobView[]): string | null {
  const file = jobs.find((job) => job.outcome !== null)?.outcome?.logFile;
  return file === undefined ? null : file.slice(0, Math.max(file.lastIndexOf('/'), 0));
}

function closingLine(view: RunView, colours: Colours): string {
  const { status, seconds } = view.finished ?? { status: 'canceled' as const, seconds: 0 };
  const colour = status === 'success' ? colours.green : status === 'failed' ? colours.red : colours.yellow;
  const verdict = colour(colours.bold(`Pipeline ${pipelineWord(status)}`));
  return `${verdict} in ${durationText(seconds)}: ${countsText(view.counts)}`;
}
