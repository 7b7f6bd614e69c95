import { expandVariableSet, expandVariables } from '../base/expand-variables.ts';
import { jobVariables } from '../config/index.ts';
import type { BuildJob, Job, PlayVariables } from '../pipeline/index.ts';
import type { JobVariable } from '../protocol/index.ts';
import type { PipelineRequest, PipelineScope } from './pipeline-request.ts';

export interface JobMoment {
  readonly jobId: number;
  /** Which of the jobs that run at once it is. */
  readonly slot: number;
  readonly startedAt: Date;
  readonly timeoutSeconds: number;
  readonly dotenv: readonly JobVariable[];
  /** Given by whoever played the job; null for a job that nobody played. */
  readonly played: PlayVariables;
}

/** All variables of a job, low to high precedence; what a person gave when playing it beats everything. */
export function variablesForJob(
  { plan, context }: Pick<PipelineRequest, 'plan' | 'context'>,
  job: BuildJob,
  moment: JobMoment,
): readonly JobVariable[] {
  const own = jobVariables(plan, job, context, {
    jobId: moment.jobId,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: moment.startedAt,
    timeoutSeconds: moment.timeoutSeconds,
    dotenv: moment.dotenv.map(({ key, value }) => [key, value]),
  });
  const played = Object.entries(moment.played).map(
    ([key, value]): JobVariable => ({ key, value, file: false, masked: false, raw: true }),
  );
  return [...concurrency(moment.slot), ...own, ...played];
}

/** What is unique among all jobs that run at once is so among those of one project. */
function concurrency(slot: number): readonly JobVariable[] {
  return ['CI_CONCURRENT_ID', 'CI_CONCURRENT_PROJECT_ID'].map((key) => ({
    key,
    value: String(slot),
    file: false,
    masked: false,
    raw: true,
  }));
}

/** The resource that a `resource_group` means for this job: its name with variables put in. */
export function resourceName(scope: PipelineScope, job: Job, group: string): string {
  if (!group.includes('$')) return group;
  const values = expandedVariables(scope.request, job);
  return expandVariables(group, (name) => values.get(name) ?? null, 'keep');
}

/** The values of a job's variables before it runs, each with those it refers to put in. */
export function expandedVariables({ plan, context }: PipelineRequest, job: Job): ReadonlyMap<string, string> {
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
