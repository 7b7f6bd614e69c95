import type { Job, Plan } from './plan.ts';

/**
 * Whose artifacts (and dotenv variables) a job gets, by GitLab's rule: the needed jobs that are not `artifacts: false`,
 * or without `needs` all jobs of earlier stages; `dependencies` narrows either. In the order of the plan.
 *
 * The answer names candidates: what a job did not keep cannot be fetched and is nobody's failure.
 */
export function createFetchedJobs(plan: Plan): (job: Job) => readonly string[] {
  const before = jobsBeforeEachStage(plan);
  return (job) => {
    const candidates =
      job.needs === null
        ? (before.get(job.stage) ?? [])
        : job.needs.filter((need) => need.artifacts).map((need) => need.job);
    if (job.kind === 'bridge' || job.dependencies === null) return candidates;
    const wanted = new Set(job.dependencies);
    return candidates.filter((name) => wanted.has(name));
  };
}

/** Only jobs that can keep something are listed, so that a thousand jobs in a row stay a short list. */
function jobsBeforeEachStage(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const keepers = new Map<string, string[]>();
  for (const job of plan.jobs) {
    if (!keepsArtifacts(job)) continue;
    const stage = keepers.get(job.stage);
    if (stage === undefined) keepers.set(job.stage, [job.name]);
    else stage.push(job.name);
  }
  const before = new Map<string, readonly string[]>();
  let soFar: readonly string[] = [];
  for (const stage of plan.stages) {
    before.set(stage, soFar);
    const added = keepers.get(stage);
    if (added !== undefined) soFar = [...soFar, ...added];
  }
  return before;
}

function keepsArtifacts(job: Job): boolean {
  return job.kind === 'build' && job.artifacts !== null;
}
