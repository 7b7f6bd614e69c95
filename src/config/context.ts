/**
 * What a pipeline is created for: the commit, the ref, the event and the values given from outside. It is plain data,
 * so that `slipway list --context FILE`, the local run and the server all start from the same thing.
 */
export interface PipelineContext {
  readonly source: PipelineSource;
  readonly project: ProjectContext;
  readonly commit: CommitContext;
  /** The branch or tag the pipeline runs for. In a merge request pipeline: the source branch. */
  readonly ref: { readonly name: string; readonly kind: 'branch' | 'tag'; readonly protected: boolean };
  readonly mergeRequest: MergeRequestContext | null;
  /** Open merge requests of the branch, as `group/project!1`; absent: none is known but the pipeline's own. */
  readonly openMergeRequests?: readonly string[];
  /** Of a pipeline for a pull request of another forge (`external_pull_request_event`). */
  readonly pullRequest: PullRequestContext | null;
  /** The trigger job that started this pipeline: of the parent, or of another project. */
  readonly upstream: UpstreamContext | null;
  /** Paths changed by the push or the merge request; null when no diff is known, which makes `changes` true. */
  readonly changedFiles: readonly string[] | null;
  readonly pipeline: {
    readonly id: number;
    readonly iid: number;
    readonly createdAt: Date;
    readonly scheduleDescription: string | null;
  };
  readonly user: {
    readonly id: number;
    readonly login: string;
    readonly name: string;
    readonly email: string;
  };
  /** `sshPort`: where git is served over SSH. */
  readonly server: { readonly url: string; readonly sshPort: number };
  /** Instance, group and project variables, already merged: they beat every YAML variable. */
  readonly projectVariables: Readonly<Record<string, ContextVariable>>;
  /** Given when the pipeline was started (API, schedule, trigger, `--var`): they beat everything. */
  readonly pipelineVariables: Readonly<Record<string, ContextVariable>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** `[skip ci]` in the message does not apply (web, API, schedules, and a person's own `slipway run`). */
  readonly ignoreSkipCi: boolean;
}

export interface ContextVariable {
  readonly value: string;
  readonly expand: boolean;
  readonly masked: boolean;
  /** The job gets a path to a file that holds the value. */
  readonly file: boolean;
}

export interface ProjectContext {
  readonly id: number;
  /** `group/sub/name` */
  readonly path: string;
  readonly title: string;
  readonly defaultBranch: string;
  readonly visibility: 'private' | 'internal' | 'public';
  readonly configPath: string;
}

export interface CommitContext {
  readonly sha: string;
  /** Forty zeros when there is none. */
  readonly beforeSha: string;
  /** As git has it, most often with a line break at its end. */
  readonly message: string;
  /** `Name <address>` */
  readonly author: string;
  /** ISO 8601 with offset. */
  readonly timestamp: string;
  /** The whole of it, without a signature; null when the pipeline is for no annotated tag. */
  readonly tagMessage: string | null;
  /** Where a branch left the default branch; null when that is not known, or the pipeline is for another ref. */
  readonly defaultBranchBase: string | null;
}

export interface MergeRequestContext {
  readonly iid: number;
  readonly title: string;
  readonly description: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly targetBranchSha: string;
  readonly diffBaseSha: string;
  readonly labels: readonly string[];
}

export interface PullRequestContext {
  readonly sourceBranch: string;
  readonly sourceSha: string;
  readonly targetBranch: string;
  readonly targetSha: string;
}

/** What a downstream pipeline knows of what started it. */
export interface UpstreamContext {
  readonly projectId: number;
  readonly pipelineId: number;
  readonly jobId: number;
}

export const PIPELINE_SOURCES = [
  'push',
  'web',
  'schedule',
  'api',
  'trigger',
  'pipeline',
  'parent_pipeline',
  'merge_request_event',
  'external_pull_request_event',
  'webide',
  'chat',
  'external',
  'ondemand_dast_scan',
  'ondemand_dast_validation',
  'security_orchestration_policy',
] as const;

export type PipelineSource = (typeof PIPELINE_SOURCES)[number];
