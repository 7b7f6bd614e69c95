import { slugify } from '../../base/slug.ts';
import type { Job, Plan } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { isoSeconds, jobIdentityVariables } from './predefined.ts';
import { sharedVariables, type VariableMap } from './variables.ts';

/** A variable as a runner gets it. */
export interface RuntimeVariable {
  readonly key: string;
  readonly value: string;
  /** The value goes to a file, and the variable holds its path. */
  readonly file: boolean;
  /** The value never shows in the log. */
  readonly masked: boolean;
  /** `$` in the value means itself. */
  readonly raw: boolean;
}

/** What is known only once a job is about to run. */
export interface JobRuntime {
  readonly jobId: number;
  readonly pipelineId: number;
  /** What the job authenticates with; null: there is nothing to authenticate to. */
  readonly token: string | null;
  readonly startedAt: Date;
  readonly timeoutSeconds: number;
  /** From the dotenv reports of the jobs whose artifacts it gets, in their order. */
  readonly dotenv: readonly (readonly [string, string])[];
}

/**
 * All variables of a job, low to high precedence, unexpanded; of one name the last wins. What only the runner knows
 * (CI_PROJECT_DIR, CI_BUILDS_DIR, CI_RUNNER_*, CI_CONCURRENT_*, CI_JOB_STATUS) is the runner's to add.
 *
 * The order is GitLab's: predefined < YAML < user < dotenv < project < pipeline.
 */
export function jobVariables(
  plan: Plan,
  job: Job,
  context: PipelineContext,
  runtime: JobRuntime,
): readonly RuntimeVariable[] {
  const shared = sharedVariables(context, plan.name);
  return [
    ...identity(job),
    ...runtimeValues(job, context, runtime),
    ...plain(shared.predefined),
    ...plain(new Map(Object.entries(job.variables))),
    ...plain(shared.user),
    ...runtime.dotenv.map(([key, value]) => variable(key, value)),
    ...given(context.projectVariables),
    ...given(context.pipelineVariables),
  ];
}

/** An environment's url may be made of other variables; everything else about a job is plain text. */
function identity(job: Job): readonly RuntimeVariable[] {
  return [...jobIdentityVariables(job)].map(([key, value]) => ({
    ...variable(key, value),
    raw: key !== 'CI_ENVIRONMENT_URL',
  }));
}

function runtimeValues(
  job: Job,
  { project, server }: PipelineContext,
  runtime: JobRuntime,
): readonly RuntimeVariable[] {
  const url = `${server.url}/${project.path}`;
  const values: RuntimeVariable[] = [
    raw('CI_JOB_ID', String(runtime.jobId)),
    raw('CI_JOB_URL', `${url}/-/jobs/${runtime.jobId}`),
    raw('CI_JOB_STARTED_AT', isoSeconds(runtime.startedAt)),
    raw('CI_JOB_STARTED_AT_SLUG', slugify(isoSeconds(runtime.startedAt))),
    raw('CI_JOB_TIMEOUT', String(runtime.timeoutSeconds)),
    raw('CI_PIPELINE_ID', String(runtime.pipelineId)),
    raw('CI_PIPELINE_URL', `${url}/-/pipelines/${runtime.pipelineId}`),
  ];
  if (job.kind === 'build' && job.image !== null) values.push(variable('CI_JOB_IMAGE', job.image.name));
  if (job.kind === 'build') values.push(raw('CI_JOB_TAGS', JSON.stringify(job.tags)));
  if (runtime.token !== null) {
    const repository = new URL(`${url}.git`);
    repository.username = 'gitlab-ci-token';
    repository.password = runtime.token;
    values.push(
      { ...raw('CI_JOB_TOKEN', runtime.token), masked: true },
      raw('CI_REPOSITORY_URL', repository.href),
    );
  } else {
    values.push(raw('CI_REPOSITORY_URL', `${url}.git`));
  }
  return values;
}

function plain(variables: VariableMap): readonly RuntimeVariable[] {
  return [...variables].map(([key, { value, expand }]) => ({ ...variable(key, value), raw: !expand }));
}

function given(variables: PipelineContext['projectVariables']): readonly RuntimeVariable[] {
  return Object.entries(variables).map(([key, { value, file, masked, expand }]) => ({
    key,
    value,
    file,
    masked,
    raw: !expand,
  }));
}

function variable(key: string, value: string): RuntimeVariable {
  return { key, value, file: false, masked: false, raw: false };
}

function raw(key: string, value: string): RuntimeVariable {
  return { ...variable(key, value), raw: true };
}
