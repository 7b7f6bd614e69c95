import { environmentSlug, slugify } from '../../base/slug.ts';
import type { Environment } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';

/** The version whose language is followed; scripts and rules ask for it. */
const LANGUAGE_VERSION = { full: '18.7.0', major: '18', minor: '7', patch: '0' };

/**
 * The predefined variables a pipeline has before any of its jobs exists: what `rules:if`, `workflow:rules` and
 * `include` can see. Variables of parts that are not there (registry, dependency proxy, Kubernetes, deploy freeze) are
 * not set, as on a GitLab without them. Those about the user are apart: they stand above YAML variables.
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

function serverVariables({ server }: PipelineContext): Pairs {
  const url = new URL(server.url);
  const protocol = url.protocol.replace(':', '');
  const port = url.port === '' ? (protocol === 'https' ? '443' : '80') : url.port;
  return [
    ['CI', 'true'],
    ['GITLAB_CI', 'true'],
    ['GITLAB_FEATURES', ''],
    ['CI_SERVER', 'yes'],
    ['CI_SERVER_NAME', 'GitLab'],
    ['CI_SERVER_VERSION', LANGUAGE_VERSION.full],
    ['CI_SERVER_VERSION_MAJOR', LANGUAGE_VERSION.major],
    ['CI_SERVER_VERSION_MINOR', LANGUAGE_VERSION.minor],
    ['CI_SERVER_VERSION_PATCH', LANGUAGE_VERSION.patch],
    ['CI_SERVER_REVISION', ''],
    ['CI_SERVER_URL', server.url],
    ['CI_SERVER_PROTOCOL', protocol],
    ['CI_SERVER_HOST', url.hostname],
    ['CI_SERVER_PORT', port],
    ['CI_SERVER_FQDN', url.host],
    ['CI_SERVER_SHELL_SSH_HOST', url.hostname],
    ['CI_SERVER_SHELL_SSH_PORT', '22'],
    ['CI_API_V4_URL', `${server.url}/api/v4`],
    ['CI_API_GRAPHQL_URL', `${server.url}/api/graphql`],
    ['CI_TEMPLATE_REGISTRY_HOST', 'registry.gitlab.com'],
    ['CI_PAGES_DOMAIN', `pages.${url.hostname}`],
  ];
}

function projectVariables({ project, server }: PipelineContext): Pairs {
  const parts = project.path.split('/');
  const name = parts.at(-1) ?? project.path;
  const namespace = parts.slice(0, -1).join('/');
  const root = parts[0] ?? project.path;
  const pagesHost = `${slugify(root)}.pages.${new URL(server.url).hostname}`;
  return [
    ['CI_PROJECT_ID', String(project.id)],
    ['CI_PROJECT_NAME', name],
    ['CI_PROJECT_TITLE', project.title],
    ['CI_PROJECT_DESCRIPTION', ''],
    ['CI_PROJECT_PATH', project.path],
    ['CI_PROJECT_PATH_SLUG', slugify(project.path)],
    ['CI_PROJECT_NAMESPACE', namespace],
    ['CI_PROJECT_NAMESPACE_ID', String(project.id)],
    ['CI_PROJECT_NAMESPACE_SLUG', slugify(namespace)],
    ['CI_PROJECT_ROOT_NAMESPACE', root],
    ['CI_PROJECT_URL', `${server.url}/${project.path}`],
    ['CI_PROJECT_VISIBILITY', project.visibility],
    ['CI_PROJECT_REPOSITORY_LANGUAGES', ''],
    ['CI_PROJECT_TOPICS', ''],
    ['CI_PROJECT_CLASSIFICATION_LABEL', ''],
    ['CI_DEFAULT_BRANCH', project.defaultBranch],
    ['CI_DEFAULT_BRANCH_SLUG', slugify(project.defaultBranch)],
    ['CI_CONFIG_PATH', project.configPath],
    ['CI_PAGES_HOSTNAME', pagesHost],
    ['CI_PAGES_URL', `https://${pagesHost}/${parts.slice(1).join('/')}`],
  ];
}

function runVariables({ source, pipeline, ref }: PipelineContext, pipelineName: string | null): Pairs {
  const pairs: [string, string][] = [
    ['CI_PIPELINE_IID', String(pipeline.iid)],
    ['CI_PIPELINE_SOURCE', source],
    ['CI_PIPELINE_CREATED_AT', isoSeconds(pipeline.createdAt)],
    ['CI_COMMIT_REF_PROTECTED', String(ref.protected)],
  ];
  if (pipelineName !== null) pairs.push(['CI_PIPELINE_NAME', pipelineName]);
  if (source === 'trigger') pairs.push(['CI_PIPELINE_TRIGGERED', 'true']);
  if (pipeline.scheduleDescription !== null) {
    pairs.push(['CI_PIPELINE_SCHEDULE_DESCRIPTION', pipeline.scheduleDescription]);
  }
  return pairs;
}

function commitVariables({ commit, ref, mergeRequest }: PipelineContext): Pairs {
  const { title, description } = splitMessage(commit.message);
  const pairs: [string, string][] = [
    ['CI_COMMIT_SHA', commit.sha],
    ['CI_COMMIT_SHORT_SHA', commit.sha.slice(0, 8)],
    ['CI_COMMIT_BEFORE_SHA', commit.beforeSha],
    ['CI_BUILD_BEFORE_SHA', commit.beforeSha],
    ['CI_COMMIT_REF_NAME', ref.name],
    ['CI_COMMIT_REF_SLUG', slugify(ref.name)],
    ['CI_COMMIT_MESSAGE', commit.message],
    ['CI_COMMIT_TITLE', title],
    ['CI_COMMIT_DESCRIPTION', description],
    ['CI_COMMIT_AUTHOR', commit.author],
    ['CI_COMMIT_TIMESTAMP', commit.timestamp],
  ];
  if (ref.kind === 'branch' && mergeRequest === null) pairs.push(['CI_COMMIT_BRANCH', ref.name]);
  if (ref.kind === 'tag') {
    pairs.push(['CI_COMMIT_TAG', ref.name], ['CI_COMMIT_TAG_MESSAGE', commit.tagMessage ?? '']);
  }
  return pairs;
}

function mergeRequestVariables({ mergeRequest, project, server }: PipelineContext): Pairs {
  if (mergeRequest === null) return [];
  const url = `${server.url}/${project.path}`;
  const pairs: [string, string][] = [
    ['CI_MERGE_REQUEST_ID', String(mergeRequest.iid)],
    ['CI_MERGE_REQUEST_IID', String(mergeRequest.iid)],
    ['CI_MERGE_REQUEST_REF_PATH', `refs/merge-requests/${mergeRequest.iid}/head`],
    ['CI_MERGE_REQUEST_EVENT_TYPE', 'detached'],
    ['CI_MERGE_REQUEST_TITLE', mergeRequest.title],
    ['CI_MERGE_REQUEST_DESCRIPTION', ''],
    ['CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED', 'false'],
    ['CI_MERGE_REQUEST_DRAFT', String(/^\s*(?:draft:|\[draft\]|\(draft\))/i.test(mergeRequest.title))],
    ['CI_MERGE_REQUEST_SQUASH_ON_MERGE', 'false'],
    ['CI_MERGE_REQUEST_PROJECT_ID', String(project.id)],
    ['CI_MERGE_REQUEST_PROJECT_PATH', project.path],
    ['CI_MERGE_REQUEST_PROJECT_URL', url],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_ID', String(project.id)],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_PATH', project.path],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_URL', url],
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', mergeRequest.sourceBranch],
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED', String(mergeRequest.sourceBranch === project.defaultBranch)],
    // Only merged-results pipelines have one.
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA', ''],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_NAME', mergeRequest.targetBranch],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED', String(mergeRequest.targetBranch === project.defaultBranch)],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_SHA', ''],
    ['CI_MERGE_REQUEST_DIFF_BASE_SHA', mergeRequest.diffBaseSha],
    ['CI_OPEN_MERGE_REQUESTS', `${project.path}!${mergeRequest.iid}`],
  ];
  if (mergeRequest.labels.length > 0) pairs.push(['CI_MERGE_REQUEST_LABELS', mergeRequest.labels.join(',')]);
  return pairs;
}

/** The first line, and the rest; a title of 100 characters or more leaves the whole message as the description. */
function splitMessage(message: string): { readonly title: string; readonly description: string } {
  const text = message.trim();
  const end = text.indexOf('\n');
  const title = (end === -1 ? text : text.slice(0, end)).trim();
  if (title.length >= 100) return { title, description: message };
  return { title, description: end === -1 ? '' : text.slice(end + 1).replace(/^\n/, '') };
}

/** ISO 8601 in UTC without fractions of a second. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
