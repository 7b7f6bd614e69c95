import {
  type Job,
  type Json,
  NO_PIPELINE,
  type PipelineSheet,
  type Sheet,
  sheetOf,
} from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { toJson } from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import { type Mask, maskJson, maskOf } from './mask.ts';

/**
 * What a reading came to, as it is compared with another one: the jobs of the plan, each with the `rules`, `only` and
 * `except` that let it in. Without a pipeline it is empty. Secrets are masked.
 */
export function pipelineSheet({ plan, details }: PipelineReading, context: PipelineContext): PipelineSheet {
  if (plan === null) return NO_PIPELINE;
  const mask = maskOf(context);
  const { stages, settings, variables, jobs } = sheetOf(plan, (job) => conditionsOf(job, details));
  return {
    stages: stages.map(mask),
    settings: masked(settings, mask),
    variables: masked(variables, mask),
    jobs: new Map(Array.from(jobs, ([name, sheet]) => [mask(name), masked(sheet, mask)] as const)),
  };
}

const CONDITIONS = ['rules', 'only', 'except'] as const;

function conditionsOf(job: Job, details: PipelineReading['details']): Sheet {
  const written = details?.seeding.index.byName.get(job.name)?.job.source.entries;
  const conditions: Record<string, Json> = {};
  for (const key of CONDITIONS) {
    const value = written?.get(key)?.value;
    if (value === undefined || (value.kind === 'scalar' && value.value === null)) continue;
    conditions[key] = value.kind === 'sequence' ? flat(toJson(value)) : toJson(value);
  }
  return conditions;
}

/** Rules that references brought stand in a list of their own. */
function flat(list: Json): Json {
  return Array.isArray(list) ? list.flat(MOST_NESTED) : list;
}

/** As deep as GitLab looks into a list. */
const MOST_NESTED = 10;

function masked(sheet: Sheet, mask: Mask): Sheet {
  return Object.fromEntries(Object.entries(sheet).map(([key, value]) => [mask(key), maskJson(value, mask)]));
}
