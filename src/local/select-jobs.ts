import { AppError } from '../base/app-error.ts';
import { closestTo } from '../base/closest.ts';
import type { Job, Plan } from '../pipeline/index.ts';

/**
 * The part of a plan that a person asked for by naming jobs.
 *
 * A name stands for every instance of a `parallel` job. The jobs named run when their turn comes, even if they are
 * manual or wait for a failure: naming a job is asking for it. With `withNeeds` the jobs they wait for come along, with
 * the rules those have in the whole pipeline; without, what is not in the selection is not waited for.
 *
 * @throws AppError `no-such-job` with the names that come closest.
 */
export function selectJobs(plan: Plan, names: readonly string[], withNeeds: boolean): Plan {
  const named = new Set(names.flatMap((name) => instancesOf(plan, name)));
  const kept = withNeeds ? withWaitedFor(plan, named) : named;
  const jobs = plan.jobs.filter((job) => kept.has(job.name)).map((job) => trim(job, named, kept));
  const stages = new Set(jobs.map((job) => job.stage));
  return { ...plan, jobs, stages: plan.stages.filter((stage) => stages.has(stage)) };
}

/** The jobs that `name` stands for: the one called so, or the instances of the parallel job called so. */
export function instancesOf(plan: Plan, name: string): readonly string[] {
  const found = plan.jobs.map((job) => job.name).filter((job) => standsFor(name, job));
  if (found.length === 0) {
    const close = namesLike(name, plan);
    throw new AppError('no-such-job', `There is no job '${name}' in this pipeline.`, {
      hint:
        close.length > 0
          ? `Did you mean ${close
              .slice(0, 5)
              .map((job) => `'${job}'`)
              .join(', ')}?`
          : 'slipway list shows the jobs; slipway explain JOB says why one is left out.',
    });
  }
  return found;
}

/** Whether the name is the job's, or that of the parallel job it is an instance of. */
export function standsFor(name: string, job: string): boolean {
  return job === name || isInstanceOf(job, name);
}

function isInstanceOf(job: string, name: string): boolean {
  if (!job.startsWith(name)) return false;
  return INSTANCE.exec(job.slice(name.length))?.index === 0;
}

/** What `parallel` puts behind the name of a job. */
const INSTANCE = /(?: \d+\/\d+|: \[.*\])$/;

/** The name that was most likely meant, then those that share a part with it. */
function namesLike(name: string, plan: Plan): readonly string[] {
  const names = plan.jobs.map((job) => job.name);
  const closest = closestTo(name, [...names, ...names.map((job) => job.replace(INSTANCE, ''))]);
  const wanted = name.toLowerCase();
  const sharing = names.filter((job) => {
    const other = job.toLowerCase();
    return other.includes(wanted) || wanted.includes(other);
  });
  return [...new Set([...(closest === null ? [] : [closest]), ...sharing])];
}

function withWaitedFor(plan: Plan, named: ReadonlySet<string>): ReadonlySet<string> {
  const byName = new Map(plan.jobs.map((job) => [job.name, job]));
  const stageIndex = new Map(plan.stages.map((stage, index) => [stage, index]));
  const kept = new Set<string>();
  const open = [...named];
  // Once one job waits for all stages before N, those are in; a later one only adds the stages from there on.
  let stagesIncluded = 0;
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const job = byName.get(name);
    if (job === undefined || kept.has(name)) continue;
    kept.add(name);
    if (job.needs !== null) {
      open.push(...job.needs.map((need) => need.job));
      continue;
    }
    const before = stageIndex.get(job.stage) ?? 0;
    if (before <= stagesIncluded) continue;
    const added = new Set(plan.stages.slice(stagesIncluded, before));
    stagesIncluded = before;
    for (const earlier of plan.jobs) if (added.has(earlier.stage)) open.push(earlier.name);
  }
  return kept;
}

function trim(job: Job, named: ReadonlySet<string>, kept: ReadonlySet<string>): Job {
  const needs = job.needs?.filter((need) => kept.has(need.job)) ?? null;
  if (!named.has(job.name) || job.when === 'always') return { ...job, needs };
  return { ...job, needs, when: 'on_success', startInSeconds: null };
}
