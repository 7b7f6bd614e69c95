import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import type { ParsedConfig, ParsedJob, ParsedNeed } from './parsed.ts';

/**
 * Needs of other pipelines and projects: a job may take artifacts from them, a bridge may mirror another pipeline.
 * What a local run cannot do without more is said.
 */
export function checkOutsideNeeds(config: ParsedConfig): readonly Problem[] {
  return config.jobs.flatMap((job) => [
    ...(job.needs ?? []).flatMap((need) => checkNeed(job, need)),
    ...tooMany(job, 'pipeline'),
    ...tooMany(job, 'project'),
    ...(job.rules ?? []).flatMap((rule) => (rule.needs ?? []).flatMap((need) => checkRuleNeed(job, need))),
  ]);
}

/** Of other pipelines, and of other projects, a job may name so many jobs. */
const MAX_OUTSIDE = 5;

function tooMany({ name, needs }: ParsedJob, kind: 'pipeline' | 'project'): readonly Problem[] {
  const named = (needs ?? []).filter((need) => need.kind === kind && need.job !== null);
  const excess = named[MAX_OUTSIDE];
  if (excess === undefined) return [];
  const message = `jobs:${name}:needs config must be less than or equal to ${MAX_OUTSIDE}`;
  const hint = `It names ${named.length} jobs of other ${kind}s.`;
  return [problemAt(excess.span, { code: 'invalid-need', message, hint })];
}

/** A rule can only ask for jobs of its own pipeline. */
function checkRuleNeed(job: ParsedJob, need: ParsedNeed): readonly Problem[] {
  if (need.kind === 'job') return [];
  const type = need.kind === 'pipeline' && need.job === null ? 'bridge' : 'cross_dependency';
  const message = `jobs:${job.name}:rules:rule:needs config uses invalid types: ${type}`;
  return [problemAt(need.span, { code: 'invalid-need', message })];
}

function checkNeed(job: ParsedJob, need: ParsedNeed): readonly Problem[] {
  if (need.kind === 'job') return [];
  const mirrors = need.kind === 'pipeline' && need.job === null;
  if (mirrors !== (job.kind === 'bridge')) {
    const type = mirrors ? 'bridge' : 'cross_dependency';
    const message = `jobs:${job.name}:needs config uses invalid types: ${type}`;
    const hint = mirrors
      ? 'Name the job whose artifacts you want.'
      : 'A job with `trigger` takes no artifacts.';
    return [problemAt(need.span, { code: 'invalid-need', message, hint })];
  }
  if (mirrors) {
    const message = `jobs:${job.name}:needs mirrors the pipeline of ${need.pipeline}, which a local run does not have: the job fails there`;
    return [problemAt(need.span, { code: 'need-outside-pipeline', severity: 'warning', message })];
  }
  // A pipeline by its number is one of the same run: the parent's.
  if (need.kind === 'pipeline' || !need.artifacts) return [];
  const message = `jobs:${job.name}:needs names a job of project ${need.project}: a local run takes its artifacts from the last run in that project's folder, and without one the job fails`;
  const hint = `Name the folder when you run the pipeline: --project ${need.project}=FOLDER`;
  return [problemAt(need.span, { code: 'need-outside-pipeline', severity: 'warning', message, hint })];
}
