import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import type { ParsedConfig } from './parsed.ts';

/** Needs of other pipelines and projects are kept in the file's reading, but nothing here fetches from them: say so. */
export function warnOutsideNeeds(config: ParsedConfig): readonly Problem[] {
  return config.jobs.flatMap((job) =>
    (job.needs ?? []).flatMap((need) => {
      if (need.kind === 'job') return [];
      const target = need.kind === 'project' ? `project ${need.project}` : `pipeline ${need.pipeline}`;
      return problemAt(need.span, {
        code: 'need-outside-pipeline',
        severity: 'warning',
        message: `jobs:${job.name}:needs names a job of ${target}: its artifacts are not fetched here`,
      });
    }),
  );
}
