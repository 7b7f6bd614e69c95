import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import type { ParsedConfig, ParsedJob, ParsedNeed } from './parsed.ts';

/**
 * Needs of other pipelines and projects: a job may take artifacts from them, a bridge may mirror another pipeline. What
 * is allowed is kept in the file's reading, but nothing here fetches from elsewhere, and that is said.
 */
export function checkOutsideNeeds(config: ParsedConfig): readonly Problem[] {
  return config.jobs.flatMap((job) => (job.needs ?? []).flatMap((need) => checkNeed(job, need)));
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
  const target = need.kind === 'project' ? `project ${need.project}` : `pipeline ${need.pipeline}`;
  const message = mirrors
    ? `jobs:${job.name}:needs mirrors ${target}: its status is not followed here`
    : `jobs:${job.name}:needs names a job of ${target}: its artifacts are not fetched here`;
  return [problemAt(need.span, { code: 'need-outside-pipeline', severity: 'warning', message })];
}
