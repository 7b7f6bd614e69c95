import { environmentSlug, slugify } from '../../base/slug.ts';
import type { Environment, JobWhen } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { commitVariables } from './predefined-commit.ts';
import {
  mergeRequestVariables,
  pullRequestVariables,
  upstreamVariables,
} from './predefined-merge-request.ts';
import { projectVariables, serverVariables } from './predefined-project.ts';

/**
 * The predefined variables a pipeline has before any of its jobs exists: what `rules:if`, `workflow:rules` and
 * `include` can see. Which are not set, and why, stands in docs/reference/predefined-variables.md. Those about the user are apart: they stand above YAML variables.
 */
export function pipelineVariables(
  context: PipelineContext,
  pipelineName: string | null,
): ReadonlyMap<string, string> {
  return new Map([
    ...serverVariables(context),
    ...projectVariables(context),
    ...runVariables(context, pipelineName),
    ...commitVariables(context),
    ...mergeRequestVariables(context),
    ...pullRequestVariables(context),
    ...upstreamVariables(context),
  ]);
}

type Pairs = readonly (readonly [string, string])[];

/** The user who started the pipeline. */
export function userVariables({ user }: PipelineContext): ReadonlyMap<string, string> {
  return new Map([
    ['GITLAB_USER_ID', String(user.id)],
    ['GITLAB_USER_EMAIL', user.email],
    ['GITLAB_USER_LOGIN', user.login],
    ['GITLAB_USER_NAME', user.name],
  ]);
}

/** What identifies a job among the others: enough for its own rules, before it exists. */
export interface JobIdentity {
  readonly name: string;
  readonly stage: string;
  /** For its own rules what the job says itself; null: nothing. */
  readonly when: JobWhen | null;
  readonly parallel: { readonly index: number; readonly total: number } | null;
  /** With its name expanded; null for a job that deploys nowhere. */
  readonly environment: Pick<Environment, 'name' | 'url' | 'action' | 'deploymentTier'> | null;
}

/** The predefined variables of one job that its own rules may use too. */
export function jobIdentityVariables(job: JobIdentity): ReadonlyMap<string, string> {
  const variables = new Map([
    ['CI_JOB_NAME', job.name],
    ['CI_JOB_NAME_SLUG', slugify(job.name)],
    ['CI_JOB_GROUP_NAME', groupName(job.name)],
    ['CI_JOB_STAGE', job.stage],
    ['CI_NODE_TOTAL', String(job.parallel?.total ?? 1)],
  ]);
  // Of every job that a person may start, whoever does (app/models/ci/processable.rb).
  if (job.when === 'manual' || job.when === 'delayed') variables.set('CI_JOB_MANUAL', 'true');
  if (job.parallel !== null) variables.set('CI_NODE_INDEX', String(job.parallel.index));
  if (job.environment !== null) {
    variables.set('CI_ENVIRONMENT_NAME', job.environment.name);
    variables.set('CI_ENVIRONMENT_SLUG', environmentSlug(job.environment.name));
    variables.set('CI_ENVIRONMENT_ACTION', job.environment.action);
    variables.set('CI_ENVIRONMENT_TIER', job.environment.deploymentTier ?? guessTier(job.environment.name));
    if (job.environment.url !== null) variables.set('CI_ENVIRONMENT_URL', job.environment.url);
  }
  return variables;
}

/** The tier that an environment's name speaks of, when `deployment_tier` is not given. */
export function guessTier(environment: string): string {
  return TIERS.find(([, pattern]) => pattern.test(environment))?.[0] ?? 'other';
}

const TIERS: readonly (readonly [string, RegExp])[] = [
  ['development', /dev|review|trunk/i],
  ['testing', /test|tst|int|ac(?:ce|)pt|qa|qc|control|quality/i],
  ['staging', /sta?g|mod|model|pre|demo|non/i],
  ['production', /pro?d|live/i],
];

/** `test: [a, b]` and `test 1/3` are shown as one group, `test`. */
function groupName(job: string): string {
  return job.replace(/(?:[\s:]+(?:\[.*\]|\d+[\s:/\\]+\d+)){1,3}\s*$/, '').trim();
}

function runVariables(context: PipelineContext, pipelineName: string | null): Pairs {
  const { source, pipeline } = context;
  const pairs: [string, string][] = [
    ['CI_PIPELINE_IID', String(pipeline.iid)],
    ['CI_PIPELINE_SOURCE', source],
    ['CI_PIPELINE_CREATED_AT', isoSeconds(pipeline.createdAt)],
    ['CI_CONFIG_REF_URI', configRef(context)],
  ];
  if (pipelineName !== null) pairs.push(['CI_PIPELINE_NAME', pipelineName]);
  if (source === 'trigger') pairs.push(['CI_PIPELINE_TRIGGERED', 'true']);
  if (pipeline.scheduleDescription !== null) {
    pairs.push(['CI_PIPELINE_SCHEDULE_DESCRIPTION', pipeline.scheduleDescription]);
  }
  return pairs;
}

/** Where the pipeline's file is, and at which ref. */
function configRef({ server, project, ref }: PipelineContext): string {
  const kind = ref.kind === 'tag' ? 'tags' : 'heads';
  return `${new URL(server.url).host}/${project.path}//${project.configPath}@refs/${kind}/${ref.name}`;
}

/** ISO 8601 in UTC without fractions of a second. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
