import { expandVariableSet, expandVariables } from '../../base/expand-variables.ts';
import { jobVariables, type PipelineContext } from '../../config/index.ts';
import type { BuildJob, Job, Plan } from '../../pipeline/index.ts';
import { buildSpec, needsPlace, requiredFeatures, scriptOf } from '../../protocol/index.ts';

interface Requirements {
  readonly tags: readonly string[];
  readonly features: readonly string[];
}

/**
 * What a runner must have for each job of a plan: its tags, variables in them put in, and what it must be able to do. Jobs
 * that share files run in one place, which must have what any of them needs.
 */
export function jobRequirements(plan: Plan, context: PipelineContext): (job: BuildJob) => Requirements {
  const ofOne = requirementsOfOne(plan, context);
  const sharing = plan.jobs.filter((job) => job.kind === 'build' && needsPlace(job));
  const ofPlace = allOf(sharing.flatMap((job) => (job.kind === 'build' ? [ofOne(job)] : [])));
  return (job) => (needsPlace(job) ? ofPlace : ofOne(job));
}

function allOf(some: readonly Requirements[]): Requirements {
  return {
    tags: [...new Set(some.flatMap(({ tags }) => tags))],
    features: [...new Set(some.flatMap(({ features }) => features))],
  };
}

function requirementsOfOne(plan: Plan, context: PipelineContext): (job: BuildJob) => Requirements {
  return (job) => {
    const script = scriptOf(job);
    const spec = buildSpec(job, {
      jobId: 0,
      pipelineId: 0,
      projectPath: context.project.path,
      git: { sha: context.commit.sha, ref: context.ref.name, refKind: context.ref.kind },
      variables: [],
      dependencies: [],
      defaultImage: null,
      script: script.kind === 'script' ? script.lines : [],
    });
    const exitCodesMatter = job.allowFailureExitCodes.length > 0 || (job.retry?.exitCodes ?? []).length > 0;
    return { tags: expandedTags(plan, job, context), features: requiredFeatures(spec, exitCodesMatter) };
  };
}

function expandedTags(plan: Plan, job: BuildJob, context: PipelineContext): readonly string[] {
  if (!job.tags.some((tag) => tag.includes('$'))) return job.tags;
  const values = valuesBeforeRun(plan, job, context);
  return job.tags.map((tag) => expandVariables(tag, (name) => values.get(name) ?? null, 'keep'));
}

/** The values of a job's variables before it runs, each with those it refers to put in. */
export function valuesBeforeRun(plan: Plan, job: Job, context: PipelineContext): ReadonlyMap<string, string> {
  const variables = jobVariables(plan, job, context, {
    jobId: 0,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: context.pipeline.createdAt,
    timeoutSeconds: 0,
    dotenv: [],
  });
  return expandVariableSet(
    variables.map(({ key, value, raw }) => ({ key, value, expand: !raw })),
    'keep',
  );
}
