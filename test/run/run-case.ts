import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../src/local/index.ts';
import { command, output } from '../world/command.ts';

/** What expect.json of a case may say; README.md beside this file explains each key. */
export interface Expectation {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly projects?: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly status?: string;
  readonly jobs: Readonly<Record<string, string>>;
  readonly exactly?: boolean;
  readonly attempts?: Readonly<Record<string, number>>;
  readonly reasons?: Readonly<Record<string, string>>;
  readonly failureText?: Readonly<Record<string, string>>;
  readonly log?: Readonly<Record<string, readonly string[]>>;
  readonly notInLog?: Readonly<Record<string, readonly string[]>>;
  readonly stderr?: readonly string[];
  readonly printed?: readonly string[];
  readonly nowhere?: readonly string[];
  readonly notices?: readonly string[];
  readonly order?: readonly (readonly [string, string])[];
  readonly neverTogether?: readonly (readonly string[])[];
  readonly passedThrough?: Readonly<Record<string, readonly string[]>>;
  readonly treeUnchanged?: boolean;
  readonly needs?: 'sandbox';
  readonly absent?: readonly string[];
  readonly present?: readonly string[];
}

type StatusEvent = Extract<RunEvent, { readonly type: 'job-status' }>;

/** Events as they are printed: the bytes of a log are text. */
type PrintedEvent =
  | Exclude<RunEvent, { readonly type: 'job-log' }>
  | {
      readonly type: 'job-log';
      readonly within: readonly string[];
      readonly job: string;
      readonly text: string;
    };

export interface CaseReport {
  readonly exitCode: number;
  readonly stderr: string;
  readonly printed: string;
  readonly status: string | null;
  /** Changes of status in the order they happened, with the job's full name (`child / inner`). */
  readonly changes: readonly (Omit<StatusEvent, 'job'> & { readonly job: string })[];
  readonly logs: Readonly<Record<string, string>>;
  readonly notices: readonly string[];
  readonly treeBefore: string;
  readonly treeAfter: string;
}

/** Makes a repository of the case's folder, on branch main, and runs its pipeline there. */
export async function runCase(folder: string, expectation: Expectation): Promise<CaseReport> {
  const repository = await mkdtemp(join(tmpdir(), 'slipway-case-'));
  const state = await mkdtemp(join(tmpdir(), 'slipway-state-'));
  const others = await mkdtemp(join(tmpdir(), 'slipway-others-'));
  try {
    await cp(folder, repository, { recursive: true });
    await rm(join(repository, 'expect.json'));
    const projects = Object.entries(expectation.projects ?? {});
    for (const [, name] of projects) {
      await rename(join(repository, name), join(others, name));
      await commitAll(join(others, name));
    }
    await commitAll(repository);
    const treeBefore = await treeOf(repository);
    const slipway = join(import.meta.dirname, '../../bin/slipway');
    const given = projects.flatMap(([path, name]) => ['--project', `${path}=${join(others, name)}`]);
    const args = ['run', '--json', '--executor', 'shell', ...given, ...(expectation.arguments ?? [])];
    const result = await command(slipway, args, {
      cwd: repository,
      env: {
        ...process.env,
        XDG_STATE_HOME: join(state, 'state'),
        XDG_CACHE_HOME: join(state, 'cache'),
        NO_COLOR: '1',
        ...expectation.environment,
      },
    });
    return {
      ...report(result.stdout),
      exitCode: result.exitCode,
      stderr: result.stderr,
      treeBefore,
      treeAfter: await treeOf(repository),
    };
  } finally {
    await Promise.all([repository, state, others].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function commitAll(folder: string): Promise<void> {
  await output('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
  await output('git', ['add', '--all'], { cwd: folder });
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await output('git', [...author, 'commit', '--quiet', '--message', 'A case'], { cwd: folder });
}

function report(stdout: string): Pick<CaseReport, 'printed' | 'status' | 'changes' | 'logs' | 'notices'> {
  const changes: CaseReport['changes'][number][] = [];
  const logs: Record<string, string> = {};
  const notices: string[] = [];
  let status: string | null = null;
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const event = JSON.parse(line) as PrintedEvent;
    if (event.type === 'job-status') changes.push({ ...event, job: fullName(event) });
    if (event.type === 'notice') notices.push(event.message);
    if (event.type === 'job-log') logs[fullName(event)] = (logs[fullName(event)] ?? '') + event.text;
    if (event.type === 'pipeline-finished' && event.within.length === 0) status = event.status;
  }
  return { printed: stdout, status, changes, logs, notices };
}

function fullName({ within, job }: { readonly within: readonly string[]; readonly job: string }): string {
  return [...within, job].join(' / ');
}

async function treeOf(repository: string): Promise<string> {
  const [status, files] = await Promise.all([
    output('git', ['status', '--porcelain', '--ignored'], { cwd: repository }),
    output('git', ['ls-files', '--stage'], { cwd: repository }),
  ]);
  return `${status}\n${files}`;
}
