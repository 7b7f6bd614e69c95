import { slugify } from '../../base/slug.ts';
import { buildId, likelyProject } from '../cloudbuild/substitution/built-in.ts';
import type { PipelineContext } from '../context.ts';

/** A value of an event that would be another one next time, and the variable in which GitLab has it. */
export interface Mark {
  /** What stands for it in a plan for `markedContext`. */
  readonly mark: string;
  readonly variable: string;
  readonly value: string;
  /** What is not quite the same in GitLab's variable; null: nothing. */
  readonly unlike: string | null;
  /** GitLab does not have it: a person has to set the variable. */
  readonly unset: boolean;
}

/** The same event, in which everything that belongs to one commit, branch or pipeline has a value that stands out. */
export function markedContext(context: PipelineContext): PipelineContext {
  const { commit, project, mergeRequest, pullRequest } = context;
  return {
    ...context,
    project: { ...project, path: 'Slipway.mark/Of_project' },
    commit: { ...commit, sha: SHA, beforeSha: BEFORE },
    ref: { ...context.ref, name: 'Slipway.mark/of_Ref' },
    mergeRequest:
      mergeRequest === null
        ? null
        : {
            ...mergeRequest,
            iid: 774_411_992,
            sourceBranch: 'Slipway.mark/of_Source',
            targetBranch: 'Slipway.mark/of_Target',
          },
    pullRequest:
      pullRequest === null
        ? null
        : {
            ...pullRequest,
            sourceBranch: 'Slipway.mark/of_Source',
            targetBranch: 'Slipway.mark/of_Target',
          },
    pipeline: {
      ...context.pipeline,
      id: 774_411_993,
      iid: 774_411_994,
      createdAt: new Date(7_744_119_950_000),
    },
    user: { ...context.user, login: 'Slipway.mark.of_User' },
    server: { ...context.server, url: 'https://slipway.mark.invalid' },
  };
}

/** The marks of `marked`, the longer before those that are a part of them. */
export function marksOf(context: PipelineContext, marked: PipelineContext): readonly Mark[] {
  const found: Mark[] = [];
  const add = (
    variable: string,
    of: (one: PipelineContext) => string | undefined,
    unlike: string | null = null,
  ) => {
    const [mark, value] = [of(marked), of(context)];
    if (mark === undefined || value === undefined) return;
    found.push({ mark, variable, value, unlike, unset: variable === 'PROJECT_ID' });
  };
  const dashed = ({ project }: PipelineContext): string => project.path.replaceAll('/', '-');
  add('CI_PIPELINE_ID', buildId, "The build's ID is the pipeline's number.");
  add('CI_COMMIT_SHA', ({ commit }) => commit.sha);
  add('CI_COMMIT_SHORT_SHA', ({ commit }) => commit.sha.slice(0, 7), 'The short SHA has 8 digits, not 7.');
  add('CI_COMMIT_BEFORE_SHA', ({ commit }) => commit.beforeSha);
  add('CI_PROJECT_PATH', ({ project }) => project.path);
  add(
    'CI_PROJECT_PATH_SLUG',
    dashed,
    dashed(context) === slugify(context.project.path)
      ? null
      : "The project's name is written in small letters.",
  );
  add('CI_PROJECT_NAME', ({ project }) => project.path.slice(project.path.lastIndexOf('/') + 1));
  add('PROJECT_ID', likelyProject);
  add('CI_COMMIT_REF_NAME', ({ ref }) => ref.name);
  add('CI_SERVER_URL', ({ server }) => server.url);
  add('GITLAB_USER_LOGIN', ({ user }) => user.login);
  add('CI_PIPELINE_IID', ({ pipeline }) => String(pipeline.iid));
  add(
    'CI_PIPELINE_CREATED_AT',
    ({ pipeline }) => String(pipeline.createdAt.getTime()),
    'The time is written as a date, not in milliseconds.',
  );
  add('CI_MERGE_REQUEST_IID', ({ mergeRequest }) => mergeRequest?.iid.toString());
  add('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', ({ mergeRequest }) => mergeRequest?.sourceBranch);
  add('CI_MERGE_REQUEST_TARGET_BRANCH_NAME', ({ mergeRequest }) => mergeRequest?.targetBranch);
  add('CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME', ({ pullRequest }) => pullRequest?.sourceBranch);
  add('CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME', ({ pullRequest }) => pullRequest?.targetBranch);
  return found.sort((a, b) => b.mark.length - a.mark.length);
}

const SHA = '9d4bc07ae3f1865209d7b36c51fae0482c6e97d1';
const BEFORE = '5e82fa6c1d0b7943fa08c2e6d5197b30e4a8c6f2';
