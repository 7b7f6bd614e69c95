import type { MergeRequestContext, PipelineContext } from '../context.ts';

type Pairs = readonly (readonly [string, string])[];

/**
 * The predefined variables of a merge request pipeline. In one of a branch there is only which merge requests of it are
 * open; GitLab names four at most.
 */
export function mergeRequestVariables({
  mergeRequest,
  openMergeRequests = [],
  project,
  server,
}: PipelineContext): Pairs {
  const open = openMergeRequests.slice(0, MOST_OPEN).join(',');
  if (mergeRequest === null) return open === '' ? [] : [['CI_OPEN_MERGE_REQUESTS', open]];
  const url = `${server.url}/${project.path}`;
  const { iid, sourceBranch, targetBranch, labels } = mergeRequest;
  const pairs: (readonly [string, string])[] = [
    ['CI_MERGE_REQUEST_ID', String(iid)],
    ['CI_MERGE_REQUEST_IID', String(iid)],
    ['CI_MERGE_REQUEST_REF_PATH', `refs/merge-requests/${iid}/head`],
    ['CI_MERGE_REQUEST_EVENT_TYPE', 'detached'],
    ...textVariables(mergeRequest),
    ['CI_MERGE_REQUEST_SQUASH_ON_MERGE', 'false'],
    ['CI_MERGE_REQUEST_PROJECT_ID', String(project.id)],
    ['CI_MERGE_REQUEST_PROJECT_PATH', project.path],
    ['CI_MERGE_REQUEST_PROJECT_URL', url],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_ID', String(project.id)],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_PATH', project.path],
    ['CI_MERGE_REQUEST_SOURCE_PROJECT_URL', url],
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', sourceBranch],
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED', String(sourceBranch === project.defaultBranch)],
    // Only merged-results pipelines have one.
    ['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA', ''],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_NAME', targetBranch],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED', String(targetBranch === project.defaultBranch)],
    ['CI_MERGE_REQUEST_TARGET_BRANCH_SHA', ''],
    ['CI_MERGE_REQUEST_DIFF_BASE_SHA', mergeRequest.diffBaseSha],
    ['CI_OPEN_MERGE_REQUESTS', open || `${project.path}!${iid}`],
  ];
  if (labels.length > 0) pairs.push(['CI_MERGE_REQUEST_LABELS', labels.join(',')]);
  return pairs;
}

const MOST_OPEN = 4;

function textVariables({ title, description }: MergeRequestContext): Pairs {
  const characters = [...description];
  return [
    ['CI_MERGE_REQUEST_TITLE', title],
    ['CI_MERGE_REQUEST_DESCRIPTION', characters.slice(0, MAX_DESCRIPTION).join('')],
    ['CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED', String(characters.length > MAX_DESCRIPTION)],
    ['CI_MERGE_REQUEST_DRAFT', String(/^\s*(?:draft:|\[draft\]|\(draft\))/i.test(title))],
  ];
}

const MAX_DESCRIPTION = 2700;

/** The predefined variables of a pipeline for a pull request of another forge; its number is that forge's to give. */
export function pullRequestVariables({ pullRequest, project }: PipelineContext): Pairs {
  if (pullRequest === null) return [];
  return [
    ['CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY', project.path],
    ['CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY', project.path],
    ['CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME', pullRequest.sourceBranch],
    ['CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA', pullRequest.sourceSha],
    ['CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME', pullRequest.targetBranch],
    ['CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA', pullRequest.targetSha],
  ];
}

/** What a pipeline that a trigger job started knows of it. */
export function upstreamVariables({ upstream }: PipelineContext): Pairs {
  if (upstream === null) return [];
  return [
    ['CI_UPSTREAM_PIPELINE_ID', String(upstream.pipelineId)],
    ['CI_UPSTREAM_PROJECT_ID', String(upstream.projectId)],
    ['CI_UPSTREAM_JOB_ID', String(upstream.jobId)],
  ];
}
