import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandVariableSet, expandVariables } from '../../base/expand-variables.ts';
import type { BuildJob, Job, Plan } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { jobVariables } from '../gitlab/job-variables.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { readPipeline } from '../read-pipeline.ts';
import { type PlanCase, planCases } from '../test-support/plan-cases.ts';
import type { Conversion } from './conversion.ts';
import { convertPipeline } from './convert-pipeline.ts';
import { programOf } from './image-programs.ts';

const CASES: readonly PlanCase[] = [
  ...planCases(join(import.meta.dirname, '../codebuild/cases'), (path) => path === 'buildspec.yml'),
  ...planCases(join(import.meta.dirname, '../cloudbuild/cases'), (path) =>
    /^cloudbuild\.(?:ya?ml|json)$/.test(path),
  ),
].filter(({ expected }) => expected.valid);

describe('a converted file plans the same jobs, but for what was reported', () => {
  test.each(CASES)('$name', async (one) => {
    const { plan, context, conversion } = await convert(one);
    const converted = await readPipeline({
      sources: memorySources({ '.gitlab-ci.yml': conversion.text }),
      file: '.gitlab-ci.yml',
      // Inputs are given to one file; what they said is in the text of the other.
      context: { ...context, inputs: {} },
    });
    expect(converted.problems).toEqual([]);
    const again = converted.plan ?? expect.fail(`no plan: ${converted.outcome}`);
    const reported = reportedKeys(conversion);
    const renamed = reported.has('name');
    if (!renamed) expect(again.jobs.map(({ name }) => name)).toEqual(plan.jobs.map(({ name }) => name));
    expect(again.stages).toEqual(plan.stages);
    expect(again.autoCancel.onJobFailure).toBe(plan.autoCancel.onJobFailure);
    if (!renamed) expect(waitsFor(again)).toEqual(waitsFor(plan));
    for (const [index, job] of plan.jobs.entries()) {
      const other = again.jobs[index];
      if (job.kind !== 'build' || other?.kind !== 'build') expect.fail(`${job.name} is no build job`);
      const before = described(job, plan, context);
      const except = reportedKeys(conversion, job.name);
      const after = described(other, again, context, !except.has('script') && job.command !== undefined);
      for (const [key, value] of Object.entries(before))
        if (!except.has(key))
          expect({ [key]: after[key] }, `${job.name}\n${conversion.text}`).toEqual({ [key]: value });
    }
  });
});

async function convert(
  one: PlanCase,
): Promise<{ plan: Plan; context: PipelineContext; conversion: Conversion }> {
  const request = { sources: memorySources(one.files), file: one.file, context: one.context };
  const reading = await readPipeline(request);
  const conversion = await convertPipeline(reading, request);
  if (reading.plan === null || conversion === null) expect.fail(`${one.name} has no plan`);
  return { plan: reading.plan, context: one.context, conversion };
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
    script: isCommandLine ? wordsRun(job.script, variables) : wordsOf(job),
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
