import { type Static, Type } from 'typebox';
import {
  GivenVariable,
  Id,
  IntegerOrNull,
  NumberOrNull,
  ProjectRef,
  pageKeys,
  RestUser,
  TextOrNull,
  Time,
  TimeOrNull,
} from './fields.ts';
import { RestPipeline } from './pipelines.ts';
import { StatusName } from './status-name.ts';

/** The commit of a job. */
const RestCommit = Type.Object({
  id: Type.String(),
  short_id: Type.String(),
  title: Type.String(),
  message: Type.String(),
  author_name: Type.String(),
  author_email: Type.String(),
});

const jobKeys = {
  id: Type.Integer(),
  status: Type.String(),
  stage: Type.String(),
  name: Type.String(),
  ref: Type.String(),
  tag: Type.Boolean(),
  coverage: NumberOrNull,
  allow_failure: Type.Boolean(),
  created_at: Time,
  queued_at: TimeOrNull,
  started_at: TimeOrNull,
  finished_at: TimeOrNull,
  erased_at: TimeOrNull,
  duration: NumberOrNull,
  queued_duration: NumberOrNull,
  failure_reason: Type.Optional(Type.String()),
  /** The script's, when it failed. Slipway's own. */
  exit_code: IntegerOrNull,
  /** Counts from 1. Slipway's own. */
  attempt: Type.Integer(),
  user: RestUser,
  commit: RestCommit,
  pipeline: RestPipeline,
  web_url: Type.String(),
} as const;

export const RestJob = Type.Object({
  ...jobKeys,
  artifacts: Type.Array(
    Type.Object({
      file_type: Type.String(),
      size: Type.Integer(),
      filename: Type.String(),
      file_format: TextOrNull,
    }),
  ),
  artifacts_file: Type.Optional(Type.Object({ filename: Type.String(), size: Type.Integer() })),
  artifacts_expire_at: TimeOrNull,
  stuck: Type.Boolean({ description: 'It waits, and no runner that is there could take it' }),
  tag_list: Type.Array(Type.String()),
  runner: Type.Union([
    Type.Object({
      id: Type.Integer(),
      description: Type.String(),
      runner_type: Type.String(),
      is_shared: Type.Boolean(),
      paused: Type.Boolean(),
    }),
    Type.Null(),
  ]),
});
export type RestJob = Static<typeof RestJob>;

/** A job that starts another pipeline. */
export const RestBridge = Type.Object({
  ...jobKeys,
  downstream_pipeline: Type.Union([RestPipeline, Type.Null()]),
});
export type RestBridge = Static<typeof RestBridge>;

export const JobParams = Type.Object({ id: ProjectRef, job_id: Id });

const Scopes = Type.Array(StatusName, { maxItems: 12 });

const jobListKeys = {
  ...pageKeys,
  scope: Type.Optional(Scopes),
  'scope[]': Type.Optional(Scopes),
} as const;

export const ListProjectJobs = Type.Object(jobListKeys);
export type ListProjectJobs = Static<typeof ListProjectJobs>;

export const ListPipelineJobs = Type.Object({
  ...jobListKeys,
  include_retried: Type.Optional(Type.Boolean({ default: false })),
});
export type ListPipelineJobs = Static<typeof ListPipelineJobs>;

export const PlayJob = Type.Object({
  job_variables_attributes: Type.Optional(
    Type.Array(Type.Object({ key: GivenVariable.properties.key, value: GivenVariable.properties.value }), {
      maxItems: 1000,
    }),
  ),
});
export type PlayJob = Static<typeof PlayJob>;

export const TraceQuery = Type.Object({
  follow: Type.Optional(
    Type.Boolean({ description: 'Go on with what is written later, until the job is over (Slipway only)' }),
  ),
});
