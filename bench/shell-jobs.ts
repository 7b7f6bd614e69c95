import { execFileSync } from 'node:child_process';
import { withRepository } from './generate.ts';
import { type Measured, median, slipway } from './measure.ts';
import { megabytes, milliseconds, type Section } from './table.ts';

/** What running a job costs over the work in it: pipelines of shell jobs that do nothing. */
export async function benchShellJobs(): Promise<Section> {
  const bare = bareShells(100) / 100;
  const rows: string[][] = [];
  for (const { name, jobs, times, text } of SHAPES) {
    const measured = await withRepository({ '.gitlab-ci.yml': text }, (folder) =>
      median(times, () => slipway(folder, ['run', '--executor', 'shell', '--plain'])),
    );
    rows.push(rowOf(name, jobs, measured, bare));
  }
  return {
    title: 'shell jobs that do nothing',
    note:
      'The whole `slipway run --executor shell`: start, workspaces, sandboxes, logs and summary. ' +
      `A bare \`bash -c :\` takes ${milliseconds(bare)} here, one after the other.`,
    head: ['pipeline', 'wall time', 'a job', 'a job over bare bash', 'peak memory'],
    rows,
  };
}

function rowOf(name: string, jobs: number, measured: Measured, bare: number): string[] {
  const each = measured.milliseconds / jobs;
  return [
    name,
    milliseconds(measured.milliseconds),
    milliseconds(each),
    milliseconds(each - bare),
    megabytes(measured.peakMegabytes),
  ];
}

function bareShells(count: number): number {
  const started = performance.now();
  for (let at = 0; at < count; at++) execFileSync('bash', ['-c', ':']);
  return performance.now() - started;
}

/** `stages` stages of `each` jobs. */
function staged(stages: number, each: number): string {
  const names = Array.from({ length: stages }, (_, stage) => `s${stage}`);
  const jobs = names.flatMap((stage) =>
    Array.from({ length: each }, (_, job) => `${stage}-${job}: { stage: ${stage}, script: [":"] }`),
  );
  return `stages: [${names.join(', ')}]\n${jobs.join('\n')}\n`;
}

function chain(length: number): string {
  const jobs = Array.from({ length }, (_, job) => {
    const needs = job === 0 ? '[]' : `[j${job - 1}]`;
    return `j${job}: { script: [":"], needs: ${needs} }`;
  });
  return `${jobs.join('\n')}\n`;
}

const SHAPES = [
  { name: '100 jobs in one stage', jobs: 100, times: 3, text: staged(1, 100) },
  { name: 'a chain of 100 needs', jobs: 100, times: 3, text: chain(100) },
  { name: '1,000 jobs in 10 stages', jobs: 1000, times: 1, text: staged(10, 100) },
  { name: 'a chain of 1,000 needs', jobs: 1000, times: 1, text: chain(1000) },
] as const;
