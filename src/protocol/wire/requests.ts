import { type Static, Type } from 'typebox';

/** Any key: a runner may name features that this server does not know. */
const Features = Type.Record(Type.String(), Type.Unknown());

/** What a machine says of itself in most calls. */
export const RunnerInfo = Type.Object({
  name: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  revision: Type.Optional(Type.String()),
  platform: Type.Optional(Type.String()),
  architecture: Type.Optional(Type.String()),
  executor: Type.Optional(Type.String()),
  shell: Type.Optional(Type.String()),
  features: Type.Optional(Features),
  /** Slipway's own: names the process among all that ever use the token, because what it keeps for jobs goes with it. */
  process: Type.Optional(Type.String({ maxLength: 255 })),
});
export type RunnerInfo = Static<typeof RunnerInfo>;

/** Registration in the old form, with a token that many runners share. */
export const RegisterRequest = Type.Object({
  token: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  maintenance_note: Type.Optional(Type.String()),
  tag_list: Type.Optional(Type.String()),
  run_untagged: Type.Optional(Type.Boolean()),
  locked: Type.Optional(Type.Boolean()),
  access_level: Type.Optional(Type.String()),
  maximum_timeout: Type.Optional(Type.Integer()),
  paused: Type.Optional(Type.Boolean()),
  info: Type.Optional(RunnerInfo),
});
export type RegisterRequest = Static<typeof RegisterRequest>;

export const RunnerRequest = Type.Object({
  token: Type.Optional(Type.String()),
  system_id: Type.Optional(Type.String()),
  info: Type.Optional(RunnerInfo),
});
export type RunnerRequest = Static<typeof RunnerRequest>;

/** Slipway's own: what of the pipelines whose jobs share files is still to be kept. */
export const PlacesRequest = Type.Object({
  ...RunnerRequest.properties,
  /** It takes no other jobs any more, and will not wait for a person. */
  leaving: Type.Optional(Type.Boolean()),
  /** Processes of this runner that have ended. */
  left: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 1000 })),
});
export type PlacesRequest = Static<typeof PlacesRequest>;

export const PlacesAnswer = Type.Object({
  held: Type.Array(Type.Integer()),
  ask_again_after: Type.Number(),
});
export type PlacesAnswer = Static<typeof PlacesAnswer>;

export const JobRequest = Type.Object({
  ...RunnerRequest.properties,
  last_update: Type.Optional(Type.String()),
  /** Slipway's own: only jobs of the pipelines whose files this process keeps. */
  placed_only: Type.Optional(Type.Boolean()),
});
export type JobRequest = Static<typeof JobRequest>;

export const JobUpdate = Type.Object({
  token: Type.Optional(Type.String()),
  info: Type.Optional(RunnerInfo),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('running'),
    Type.Literal('success'),
    Type.Literal('failed'),
  ]),
  failure_reason: Type.Optional(Type.String()),
  exit_code: Type.Optional(Type.Integer()),
  /** The old place of the checksum in `output`. */
  checksum: Type.Optional(Type.String()),
  output: Type.Optional(
    Type.Object({ checksum: Type.Optional(Type.String()), bytesize: Type.Optional(Type.Integer()) }),
  ),
});
export type JobUpdate = Static<typeof JobUpdate>;

export const ArtifactQuery = Type.Object({
  artifact_type: Type.Optional(Type.String({ pattern: '^[a-z0-9_]{1,64}$' })),
  artifact_format: Type.Optional(
    Type.Union([Type.Literal('zip'), Type.Literal('gzip'), Type.Literal('raw')]),
  ),
  expire_in: Type.Optional(Type.String({ maxLength: 255 })),
});
export type ArtifactQuery = Static<typeof ArtifactQuery>;
