import type { BuildJob, Json } from '../pipeline/index.ts';
import type { PipelineContext } from './context.ts';
import { describePlanned } from './describe-planned.ts';
import type { ExplainedKey, ExplainedVariable, JobExplanation } from './gitlab/explain.ts';
import { MASKED, type Mask, maskJson, maskOf } from './gitlab/mask.ts';
import { LANGUAGE_NAMES } from './language.ts';
import type { PipelineReading } from './reading.ts';

/**
 * A job of a language without rules: it is in the pipeline because it is in the file. Each of its settings comes with
 * where it was written. null for a name that the plan does not have.
 */
export function explainPlanned(
  reading: PipelineReading,
  context: PipelineContext,
  name: string,
): JobExplanation | null {
  const job = reading.plan?.jobs.find((candidate) => candidate.name === name);
  if (job === undefined || job.kind !== 'build') return null;
  const mask = maskOf(context);
  const place = reading.placeOf(name, 'name');
  if (place === null) return null;
  const instances = instancesOf(reading, name);
  const { variables: _shown, kind: _kind, ...settings } = describePlanned(job);
  return {
    name,
    instances,
    place,
    included: true,
    reason: `It is in the file, and every job of a file of ${LANGUAGE_NAMES[reading.language]} is in the pipeline.`,
    workflow: null,
    rules: null,
    policy: null,
    keys: Object.entries(settings)
      .filter(([, value]) => isSet(value))
      .map(
        ([key, value]): ExplainedKey => ({
          key,
          value: maskJson(value, mask),
          place: reading.placeOf(name, key) ?? place,
          via: [],
          keys: [],
        }),
      ),
    variables: explainVariables(job, context, mask),
  };
}

/** By rising weight: what the file gives the job, what the project has, what was given for this pipeline. */
function explainVariables(
  { variables, secretVariables = {} }: BuildJob,
  { projectVariables, pipelineVariables }: PipelineContext,
  mask: Mask,
): readonly ExplainedVariable[] {
  const written = Object.entries(variables).map(([name, { value }]) => [name, mask(value)] as const);
  const secret = Object.keys(secretVariables).map((name) => [name, MASKED] as const);
  const given = (from: PipelineContext['projectVariables']) =>
    Object.entries(from).map(([name, { value, masked }]) => [name, masked ? MASKED : mask(value)] as const);
  const levels = [
    ['job', [...written, ...secret]],
    ['project', given(projectVariables)],
    ['pipeline', given(pipelineVariables)],
  ] as const;
  const highest = new Map(levels.flatMap(([level, all]) => all.map(([name]) => [name, level] as const)));
  return levels.flatMap(([level, all]) =>
    all.map(([name, value]) => ({ name, value, level, overridden: highest.get(name) !== level })),
  );
}

function instancesOf({ plan }: PipelineReading, name: string): readonly string[] {
  const parallel = / \d+\/\d+$/;
  if (!parallel.test(name)) return [];
  const stem = name.replace(parallel, '');
  return (plan?.jobs ?? []).flatMap((job) =>
    parallel.test(job.name) && job.name.replace(parallel, '') === stem ? [job.name] : [],
  );
}

function isSet(value: Json): boolean {
  if (value === null || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
