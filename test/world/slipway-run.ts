import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../src/local/index.ts';
import { command, output } from './command.ts';

/** What `slipway run --json` has told, put together by job. */
export interface RunReport {
  readonly exitCode: number;
  readonly status: string | null;
  /** Each job's last status, by name. */
  readonly jobs: Readonly<Record<string, string>>;
  /** Every change of a job's status, `job status` each, in the order they happened. */
  readonly changes: readonly string[];
  /** How many tests each job's report counts; null when it has none. */
  readonly tests: Readonly<Record<string, TestCount | null>>;
  readonly logs: Readonly<Record<string, string>>;
  readonly notices: readonly string[];
  /** For a person who looks into a failed test. */
  readonly stderr: string;
}

type TestCount = NonNullable<Extract<RunEvent, { type: 'job-ended' }>['tests']>;

/** Events as they are printed: the bytes of a log are text. */
type PrintedEvent =
  | Exclude<RunEvent, { type: 'job-log' }>
  | { readonly type: 'job-log'; readonly job: string; readonly text: string };

export const SLIPWAY = join(import.meta.dirname, '../../bin/slipway');

/** Runs the pipeline of the repository in `folder`, in containers unless the arguments say otherwise. */
export async function slipwayRun(folder: string, ...args: readonly string[]): Promise<RunReport> {
  const result = await command(SLIPWAY, ['run', '--json', '--executor', 'docker', ...args], { cwd: folder });
  const jobs: Record<string, string> = {};
  const changes: string[] = [];
  const tests: Record<string, TestCount | null> = {};
  const logs: Record<string, string> = {};
  const notices: string[] = [];
  let status: string | null = null;
  for (const line of result.stdout.split('\n').filter((each) => each !== '')) {
    const event = JSON.parse(line) as PrintedEvent;
    if (event.type === 'job-status') {
      jobs[event.job] = event.status;
      changes.push(`${event.job} ${event.status}`);
    }
    if (event.type === 'job-log') logs[event.job] = (logs[event.job] ?? '') + event.text;
    if (event.type === 'notice') notices.push(event.message);
    if (event.type === 'job-ended') tests[event.job] = event.tests;
    if (event.type === 'pipeline-finished') status = event.status;
  }
  return { exitCode: result.exitCode, status, jobs, changes, tests, logs, notices, stderr: result.stderr };
}

/** Writes what `slipway convert` makes of the build file in `folder`, where the next run finds it first. */
export async function convert(folder: string): Promise<void> {
  const text = await output(SLIPWAY, ['convert'], { cwd: folder });
  await writeFile(join(folder, '.gitlab-ci.yml'), `${text}\n`);
}

/** The logs of the jobs that are not in the status they should be in: what a failed test must show to be understood. */
export function logsOf(report: RunReport, expected: Readonly<Record<string, string>>): string {
  const wrong = Object.keys({ ...expected, ...report.jobs }).filter(
    (job) => report.jobs[job] !== expected[job],
  );
  return [report.stderr, ...wrong.map((job) => `--- ${job}\n${report.logs[job] ?? ''}`)].join('\n');
}
