import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { megabytes, milliseconds, sectionText } from '../../bench/table.ts';
import { checkOut } from './check-out.ts';
import { folderName, type Project, projects } from './projects.ts';
import type { EventResult, ProjectResult } from './read-project.ts';

/**
 * Reads and plans the pipeline files of public projects, for a push to the default branch, a merge request, a tag and a
 * schedule, and prints a table:
 *
 *     node test/corpus/run.ts FOLDER [OWNER/NAME…]
 *
 * `FOLDER` holds clones of the repositories in gitlab.json, called `owner+name` or `owner/name`. Errors follow below the
 * table, and make the command fail, except those that the list says are right.
 */
async function main(): Promise<void> {
  const [checkouts, ...names] = process.argv.slice(2);
  if (checkouts === undefined) throw new Error('Name the folder with the clones.');
  const list = projects();
  const chosen = list.filter(({ repository }) => names.length === 0 || names.includes(repository));
  const root = await mkdtemp(join(tmpdir(), 'slipway-corpus-'));
  const rows: string[][] = [];
  const errors: string[] = [];
  try {
    for (const project of chosen) {
      try {
        await layOut(project, list, checkouts, root);
        const result = await read(project, root);
        rows.push(row(project, result));
        errors.push(...errorTexts(project, result));
      } catch (cause) {
        errors.push(`${project.repository}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  } finally {
    await rm(root, { recursive: true });
  }
  const note = 'Jobs for each event, or why there is no pipeline. Time is of the slowest event.';
  process.stdout.write(sectionText({ title: 'Public pipeline files', note, head: HEAD, rows }));
  for (const error of errors) process.stdout.write(`${error}\n`);
  if (errors.length > 0 || rows.length === 0) process.exitCode = 1;
}

/** The project, and those of the list that it includes from. */
async function layOut(project: Project, list: readonly Project[], checkouts: string, root: string) {
  const wanted = new Set([project.repository, ...Object.values(project.found)]);
  for (const { repository, commit } of list) {
    const folder = join(root, folderName(repository));
    if (wanted.has(repository)) {
      await rm(folder, { recursive: true, force: true });
      await checkOut(checkouts, repository, commit, folder);
    }
  }
}

function read({ repository }: Project, root: string): Promise<ProjectResult> {
  return new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'read-project.ts');
    const child = spawn(process.execPath, [script, repository, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let answer = '';
    child.stdout.on('data', (bytes) => {
      answer += String(bytes);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(answer) as ProjectResult);
      else reject(new Error(`reading it ended with ${code}`));
    });
  });
}

const HEAD = [
  'project',
  'push',
  'merge',
  'tag',
  'schedule',
  'includes',
  'stand-ins',
  'time',
  'memory',
  'errors',
];

function row(
  { repository }: Project,
  { events, includes, standIns, peakMegabytes }: ProjectResult,
): string[] {
  const found = events.flatMap(({ problems }) => problems.filter(isError).map(({ code }) => code));
  const codes = [...new Set(found)].map((code) => `${found.filter((one) => one === code).length} ${code}`);
  return [
    repository,
    ...events.map(eventText),
    String(includes),
    String(standIns.length),
    milliseconds(Math.max(...events.map((event) => event.milliseconds))),
    megabytes(peakMegabytes),
    codes.join(', '),
  ];
}

const OUTCOMES: Readonly<Record<EventResult['outcome'], string>> = {
  created: '',
  filtered_by_workflow: 'none: workflow',
  empty: 'none: empty',
  skipped: 'none: skipped',
  invalid: 'invalid',
};

function eventText({ outcome, jobs }: EventResult): string {
  return outcome === 'created' ? String(jobs) : OUTCOMES[outcome];
}

/** Of a fault that several events show, one line. */
function errorTexts({ repository, refuses }: Project, { events }: ProjectResult): readonly string[] {
  const texts = events.flatMap(({ problems }) =>
    problems
      .filter((problem) => isError(problem) && !Object.hasOwn(refuses, problem.code))
      .map(({ code, text }) => `${repository}: ${text} [${code}]`),
  );
  return [...new Set(texts)];
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}

await main();
