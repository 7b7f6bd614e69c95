import { expandVariableSet, expandVariables } from '../base/expand-variables.ts';
import { type ContextVariable, jobVariables } from '../config/index.ts';
import type { BridgeJob, BuildJob, Job, PlayVariables } from '../pipeline/index.ts';
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
  { plan, context }: PipelineRequest,
  job: BuildJob,
  moment: JobMoment,
): readonly JobVariable[] {
  const own = jobVariables(plan, job, context, {
    jobId: moment.jobId,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: moment.startedAt,
    timeoutSeconds: moment.timeoutSeconds,
    manual: job.when === 'manual' || job.when === 'delayed',
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

/**
 * What goes down to a child pipeline, where it beats all that the child's file says: the bridge's YAML variables with
 * their references put in, and the variables the parent itself was given if the bridge forwards them.
 */
export function variablesForChild(
  request: PipelineRequest,
  job: BridgeJob,
  played: PlayVariables,
): Readonly<Record<string, ContextVariable>> {
  const { forward } = job.trigger;
  const down: Record<string, ContextVariable> = {};
  if (forward.yamlVariables) {
    const expanded = expandedVariables(request, job);
    for (const [key, { value, expand }] of Object.entries(job.variables)) {
      down[key] = plain(expand ? (expanded.get(key) ?? value) : value);
    }
  }
  if (forward.pipelineVariables) Object.assign(down, request.context.pipelineVariables);
  for (const [key, value] of Object.entries(played)) down[key] = plain(value);
  return down;
}

/** The resource that a `resource_group` means for this job: its name with variables put in. */
export function resourceName(scope: PipelineScope, job: Job, group: string): string {
  if (!group.includes('$')) return group;
  const values = expandedVariables(scope.request, job);
  return expandVariables(group, (name) => values.get(name) ?? null, 'keep');
}

function expandedVariables({ plan, context }: PipelineRequest, job: Job): ReadonlyMap<string, string> {
  const variables = jobVariables(plan, job, context, {
    jobId: 0,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: context.pipeline.createdAt,
    timeoutSeconds: 0,
    manual: false,
    dotenv: [],
  });
  return expandVariableSet(
    variables.map(({ key, value, raw }) => ({ key, value, expand: !raw })),
    'keep',
  );
}

function plain(value: string): ContextVariable {
  return { value, expand: false, masked: false, file: false };
}
