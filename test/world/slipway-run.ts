import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RunEvent } from '../../src/local/index.ts';
import { type CommandResult, command, output } from './command.ts';

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
  return reportOf(
    await command(SLIPWAY, ['run', '--json', '--executor', 'docker', ...args], { cwd: folder }),
  );
}

/** Pushes the repository in `folder` to a server of its own, with a runner beside it, and tells the same of it. */
export async function slipwayPush(
  folder: string,
  executor: string,
  ...more: readonly string[]
): Promise<RunReport> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-up-'));
  const up = [
    'up',
    '--port',
    '0',
    '--data',
    join(home, 'data'),
    '--executor',
    executor,
    '--log-level',
    'error',
  ];
  const server = spawn(SLIPWAY, [...up, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await addressOf(server.stdout);
    const token = (await readFile(join(home, 'data/admin.token'), 'utf8')).trim();
    const env = { ...process.env, SLIPWAY_SERVER: address, SLIPWAY_TOKEN: token };
    await command(SLIPWAY, ['project', 'create', 'team/app'], { cwd: folder, env });
    const push = ['push', '--json', '--project', 'team/app'];
    return reportOf(await command(SLIPWAY, push, { cwd: folder, env }));
  } finally {
    server.kill('SIGTERM');
    await once(server, 'close');
    await rm(home, { recursive: true, force: true });
  }
}

async function addressOf(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [, address] = /Slipway is up: (\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error('The server ended before it was up');
}

function reportOf(result: CommandResult): RunReport {
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
