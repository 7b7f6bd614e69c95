import type { Json } from '../pipeline/index.ts';
import type { PipelineContext } from './context.ts';
import { describePlanned } from './describe-planned.ts';
import type { ExplainedKey, ExplainedVariable, JobExplanation } from './gitlab/explain.ts';
import { maskJson, maskOf } from './gitlab/mask.ts';
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
    variables: Object.entries(job.variables).map(
      ([variable, { value }]): ExplainedVariable => ({
        name: variable,
        value: mask(value),
        level: 'job',
        overridden: false,
      }),
    ),
  };
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
