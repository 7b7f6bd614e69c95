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
import { StatusName } from './status-name.ts';

/** A pipeline as lists have it. */
export const RestPipeline = Type.Object({
  id: Type.Integer(),
  iid: Type.Integer(),
  project_id: Type.Integer(),
  sha: Type.String(),
  ref: Type.String(),
  status: Type.String(),
  source: Type.String(),
  name: TextOrNull,
  created_at: Time,
  updated_at: Time,
  web_url: Type.String(),
});
export type RestPipeline = Static<typeof RestPipeline>;

/** Everything that is said of one pipeline. */
export const RestPipelineDetails = Type.Object({
  ...RestPipeline.properties,
  before_sha: Type.String(),
  tag: Type.Boolean(),
  yaml_errors: TextOrNull,
  user: RestUser,
  started_at: TimeOrNull,
  finished_at: TimeOrNull,
  committed_at: Type.Null(),
  duration: IntegerOrNull,
  queued_duration: NumberOrNull,
  coverage: TextOrNull,
  detailed_status: Type.Object({
    icon: Type.String(),
    text: Type.String(),
    label: Type.String(),
    group: Type.String(),
    tooltip: Type.String(),
    has_details: Type.Boolean(),
    details_path: Type.String(),
  }),
});
export type RestPipelineDetails = Static<typeof RestPipelineDetails>;

export const RestPipelineVariable = Type.Object({
  key: Type.String(),
  value: Type.String(),
  variable_type: Type.Union([Type.Literal('env_var'), Type.Literal('file')]),
  raw: Type.Boolean(),
});
export type RestPipelineVariable = Static<typeof RestPipelineVariable>;

export const PipelineParams = Type.Object({ id: ProjectRef, pipeline_id: Id });

export const ListPipelines = Type.Object({
  ...pageKeys,
  ref: Type.Optional(Type.String({ maxLength: 255 })),
  sha: Type.Optional(Type.String({ maxLength: 64 })),
  status: Type.Optional(StatusName),
  source: Type.Optional(Type.String({ maxLength: 64 })),
  scope: Type.Optional(
    Type.Union([
      Type.Literal('running'),
      Type.Literal('pending'),
      Type.Literal('finished'),
      Type.Literal('branches'),
      Type.Literal('tags'),
    ]),
  ),
  name: Type.Optional(Type.String({ maxLength: 255 })),
  created_after: Type.Optional(Time),
  created_before: Type.Optional(Time),
  updated_after: Type.Optional(Time),
  updated_before: Type.Optional(Time),
});
export type ListPipelines = Static<typeof ListPipelines>;

export const LatestPipelineQuery = Type.Object({ ref: Type.Optional(Type.String({ maxLength: 255 })) });

export const CreatePipeline = Type.Object({
  ref: Type.String({ minLength: 1, maxLength: 255, description: 'A branch or a tag' }),
  variables: Type.Optional(Type.Array(GivenVariable, { maxItems: 1000 })),
  inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type CreatePipeline = Static<typeof CreatePipeline>;
