import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { expandVariableSet, expandVariables } from '../../../base/expand-variables.ts';
import type { BuildJob, Job, Plan } from '../../../pipeline/index.ts';
import type { PipelineContext } from '../../context.ts';
import { jobVariables } from '../../gitlab/job-variables.ts';
import { memorySources } from '../../gitlab/test-support/memory-sources.ts';
import { type ReadingRequest, readPipeline } from '../../read-pipeline.ts';
import type { Conversion } from '../conversion.ts';
import { convertPipeline } from '../convert-pipeline.ts';
import { programOf } from '../image-programs.ts';

/** One thing that is not the same in the new file, though nothing was said about it. */
export interface Difference {
  /** null: about the pipeline. */
  readonly job: string | null;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Compared {
  readonly conversion: Conversion;
  readonly differences: readonly Difference[];
}

/** Converts a file, plans what comes of it, and compares the plans. null: the file has no plan. */
export async function convertAndCompare(request: ReadingRequest): Promise<Compared | null> {
  const { context } = request;
  const reading = await readPipeline(request);
  const conversion = await convertPipeline(reading, request);
  if (reading.plan === null || conversion === null) return null;
  const converted = await readPipeline({
    sources: memorySources({ '.gitlab-ci.yml': conversion.text }),
    file: '.gitlab-ci.yml',
    // Inputs are given to one file; what they said is in the text of the other.
    context: { ...context, inputs: {} },
  });
  const found = (key: string, before: unknown, after: unknown): Difference => ({
    job: null,
    key,
    before,
    after,
  });
  if (converted.problems.length > 0)
    return {
      conversion,
      differences: [
        found(
          'problems',
          [],
          converted.problems.map(({ message }) => message),
        ),
      ],
    };
  if (converted.plan === null)
    return { conversion, differences: [found('plan', 'created', converted.outcome)] };
  return { conversion, differences: [...planDifferences(reading.plan, converted.plan, conversion, context)] };
}

function* planDifferences(
  plan: Plan,
  again: Plan,
  conversion: Conversion,
  context: PipelineContext,
): Generator<Difference> {
  const isRenamed = reportedKeys(conversion).has('name');
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    [
      'jobs',
      isRenamed ? plan.jobs.length : plan.jobs.map(({ name }) => name),
      isRenamed ? again.jobs.length : again.jobs.map(({ name }) => name),
    ],
    ['stages', plan.stages, again.stages],
    ['on_job_failure', plan.autoCancel.onJobFailure, again.autoCancel.onJobFailure],
    ['needs', isRenamed ? null : waitsFor(plan), isRenamed ? null : waitsFor(again)],
  ];
  for (const [key, before, after] of pairs)
    if (!isDeepStrictEqual(before, after)) yield { job: null, key, before, after };
  for (const [index, job] of plan.jobs.entries()) {
    const other = again.jobs[index];
    if (job.kind !== 'build' || other?.kind !== 'build') {
      yield { job: job.name, key: 'kind', before: job.kind, after: other?.kind };
      continue;
    }
    const before = described(job, plan, context);
    const except = reportedKeys(conversion, job.name);
    const after = described(other, again, context, !except.has('script') && job.command !== undefined);
    for (const [key, value] of Object.entries(before))
      if (!except.has(key) && !isDeepStrictEqual(after[key], value))
        yield { job: job.name, key, before: value, after: after[key] };
  }
}

/** What was said about a job, or about any when none is named. */
function reportedKeys({ remarks }: Conversion, job?: string): ReadonlySet<string> {
  return new Set(remarks.flatMap((remark) => (job === undefined || remark.job === job ? [remark.key] : [])));
}

/** By its name all that a job waits for, through others or itself. */
function waitsFor({ jobs }: Plan): Readonly<Record<string, readonly string[] | null>> {
  const all = new Map<string, ReadonlySet<string> | null>();
  for (const { name, needs } of jobs) {
    const found = new Set((needs ?? []).flatMap(({ job }) => [job, ...(all.get(job) ?? [])]));
    all.set(name, needs === null ? null : found);
  }
  return Object.fromEntries(Array.from(all, ([name, found]) => [name, found && [...found].sort()]));
}

/** A job as a runner would see it, so that two ways to write the same are the same. */
function described(
  job: BuildJob,
  plan: Plan,
  context: PipelineContext,
  isCommandLine = false,
): Readonly<Record<string, unknown>> {
  const variables = variablesFor(job, plan, context);
  const expanded = (text: string): string =>
    expandVariables(text, (name) => variables.get(name) ?? null, 'keep');
  const shares = job.sharedWorkspace !== undefined;
  return {
    stage: job.stage,
    when: job.when,
    allow_failure: job.allowFailure,
    exit_codes: job.allowFailureExitCodes,
    timeout: job.timeoutSeconds,
    image: job.image === null ? null : [expanded(job.image.name), job.image.platform],
    variables: Object.fromEntries(
      Object.keys(job.variables)
        .filter((name) => !(shares && ['HOME', 'BUILDER_OUTPUT'].includes(name)))
        .map((name) => [name, variables.get(name)]),
    ),
    cache: job.caches,
    artifacts: describedArtifacts(job, expanded),
    script: isCommandLine
      ? wordsRun(job.script, variables)
      : wordsOf(job).map((line) => filledIn(line, variables)),
  };
}

/** The whole working copy is how GitLab shares it. */
function describedArtifacts({ artifacts }: BuildJob, expanded: (text: string) => string): unknown {
  if (artifacts === null || artifacts.paths.join() === '.') return null;
  return { ...artifacts, paths: artifacts.paths.map(expanded) };
}

function wordsOf({ command, image, script }: BuildJob): readonly string[] {
  if (command === undefined) return script;
  const program = command.program ?? programOf(image?.name ?? '') ?? '';
  return [...(program === '' ? [] : [program]), ...(command.arguments ?? [])];
}

/** With the values of what the new file refers to, in a word or between single quotes. */
function filledIn(line: string, variables: ReadonlyMap<string, string>): string {
  return line.replace(/('?)"\$(CI_\w+)"\1/g, (whole, _quote, name) => variables.get(name) ?? whole);
}

function variablesFor(job: Job, plan: Plan, context: PipelineContext): ReadonlyMap<string, string> {
  const runtime = {
    jobId: 1,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: context.pipeline.createdAt,
    timeoutSeconds: 60,
    dotenv: [],
  };
  const set = jobVariables(plan, job, context, runtime).map(({ key, value, raw }) => ({
    key,
    value,
    expand: !raw,
  }));
  return expandVariableSet(set, 'keep');
}

/**
 * The words that a script's last line runs, as a real shell sees them: what stands before it leads to the working copy,
 * and to the folder in it.
 */
function wordsRun(script: readonly string[], variables: ReadonlyMap<string, string>): readonly string[] {
  const line = script.at(-1) ?? '';
  const env = Object.fromEntries([...variables].filter(([, value]) => !value.includes('\0')));
  const out = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { env, encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}
