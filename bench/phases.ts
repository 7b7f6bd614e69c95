import { parseDocuments } from '../src/config/document/index.ts';
import { describePipeline } from '../src/config/gitlab/describe.ts';
import { createPipeline } from '../src/config/gitlab/pipeline.ts';
import { readConfig } from '../src/config/gitlab/read-config.ts';
import { memorySources } from '../src/config/gitlab/test-support/memory-sources.ts';
import { contextFromJson } from '../src/config/index.ts';
import { listPipeline, onePipelineFile, withRepository } from './generate.ts';
import { type Measured, median, slipway } from './measure.ts';
import { megabytes, milliseconds, type Section } from './table.ts';

/**
 * Where the time goes when a configuration is read: the phases one by one inside this process, warmed up, and beside
 * them the whole `slipway lint`. One file of growing size, and the 5,000 jobs of 50 included files.
 */
export async function benchPhases(): Promise<Section> {
  const rows: (readonly string[])[] = [];
  for (const { name, files } of subjects()) {
    const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const phases = await measurePhases(files);
    const whole = await withRepository(files, (folder) => median(5, () => slipway(folder, ['lint'])));
    rows.push(rowOf(name, bytes, phases, whole));
  }
  return {
    title: 'reading a configuration, phase by phase',
    note:
      'parse: YAML to a tree with positions. resolve: include, extends, references, and the shape of every keyword. ' +
      'plan: rules, needs and the jobs. show: `list --json`. Medians of 9 in one warm process; `slipway lint` is the ' +
      'whole process, its start included, the median of 5.',
    head: [
      'configuration',
      'size',
      'jobs',
      'parse',
      'resolve',
      'plan',
      'show',
      'ms a 100 KB',
      'lint',
      'peak memory',
    ],
    rows,
  };
}

interface Subject {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

function subjects(): readonly Subject[] {
  const single = [5, 125_000, 250_000, 500_000, 1_000_000].map((bytes) => ({
    name: bytes === 5 ? 'one file, five jobs' : 'one file',
    files: onePipelineFile(bytes),
  }));
  return [...single, { name: '5,000 jobs, 51 files', files: listPipeline(5000) }];
}

interface Phases {
  readonly jobs: number;
  readonly parse: number;
  readonly resolve: number;
  readonly plan: number;
  readonly show: number;
}

async function measurePhases(files: Readonly<Record<string, string>>): Promise<Phases> {
  const all: Phases[] = [];
  for (let round = 0; round < 11; round += 1) all.push(await measureOnce(files));
  const warm = all.slice(2);
  const middle = (of: (phases: Phases) => number) => warm.map(of).sort((a, b) => a - b)[4] ?? 0;
  return {
    jobs: middle(({ jobs }) => jobs),
    parse: middle(({ parse }) => parse),
    resolve: middle(({ resolve }) => resolve),
    plan: middle(({ plan }) => plan),
    show: middle(({ show }) => show),
  };
}

async function measureOnce(files: Readonly<Record<string, string>>): Promise<Phases> {
  const sources = memorySources(files);
  const { context } = contextFromJson({ ref: 'main', source: 'push' });
  const file = '.gitlab-ci.yml';
  const started = performance.now();
  for (const [name, text] of Object.entries(files)) parseDocuments({ name, text });
  const parsed = performance.now();
  const { config, problems } = await readConfig({ sources, file, context });
  const read = performance.now();
  if (config === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  const planning = await createPipeline({ config, context, sources });
  const planned = performance.now();
  JSON.stringify(describePipeline(planning));
  const shown = performance.now();
  if (planning.plan === null) throw new Error('the pipeline of the benchmark has no jobs');
  const parse = parsed - started;
  // Reading parses once more.
  const resolve = Math.max(0, read - parsed - parse);
  return { jobs: planning.plan.jobs.length, parse, resolve, plan: planned - read, show: shown - planned };
}

function rowOf(name: string, bytes: number, phases: Phases, whole: Measured): readonly string[] {
  const { jobs, parse, resolve, plan, show } = phases;
  const perHundred = ((parse + resolve + plan) * 100_000) / bytes;
  return [
    name,
    bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1000)} KB`,
    String(jobs),
    ...[parse, resolve, plan, show].map(milliseconds),
    bytes < 10_000 ? '' : perHundred.toFixed(1),
    milliseconds(whole.milliseconds),
    megabytes(whole.peakMegabytes),
  ];
}
