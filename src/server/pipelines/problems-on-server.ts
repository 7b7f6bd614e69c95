import type { Problem } from '../../base/problem.ts';
import type { Plan } from '../../pipeline/index.ts';

/**
 * What runs on one machine and not by a server's runners: no runner says that it can, so its jobs would wait for ever.
 * One error for the whole plan.
 */
export function problemsOnServer(plan: Plan): readonly Problem[] {
  const found = plan.jobs.find(
    (job) =>
      job.kind === 'build' &&
      (job.command !== undefined || job.sharedWorkspace !== undefined || (job.volumes ?? []).length > 0),
  );
  if (found === undefined) return [];
  return [
    {
      severity: 'error',
      code: 'steps-need-one-machine',
      message: `${found.name} and the other steps share one working copy, which runners of a server cannot do yet.`,
      place: null,
      excerpt: null,
      hint: 'Run it with `slipway run`, or turn the file into a .gitlab-ci.yml with `slipway convert`.',
    },
  ];
}
