import { type Static, Type } from 'typebox';

/**
 * The job as GitLab's runner protocol writes it: the answer to `POST /jobs/request`. Lists are never null, which every
 * version of the official runner takes. Keys that are not listed are let through and ignored.
 */
const Texts = Type.Array(Type.String());

export const WireVariable = Type.Object({
  key: Type.String(),
  value: Type.String(),
  public: Type.Boolean(),
  file: Type.Boolean(),
  masked: Type.Boolean(),
  raw: Type.Boolean(),
});
export type WireVariable = Static<typeof WireVariable>;

const When = Type.Union([Type.Literal('on_success'), Type.Literal('on_failure'), Type.Literal('always')]);

export const WireStep = Type.Object({
  name: Type.String(),
  script: Texts,
  timeout: Type.Integer(),
  when: When,
  allow_failure: Type.Boolean(),
});
export type WireStep = Static<typeof WireStep>;

const imageKeys = {
  name: Type.String(),
  entrypoint: Type.Optional(Type.Union([Texts, Type.Null()])),
  pull_policy: Type.Optional(Type.Union([Texts, Type.Null()])),
  executor_opts: Type.Optional(
    Type.Object({
      docker: Type.Optional(
        Type.Object({ platform: Type.Optional(Type.String()), user: Type.Optional(Type.String()) }),
      ),
    }),
  ),
};

export const WireImage = Type.Object(imageKeys);
export type WireImage = Static<typeof WireImage>;

export const WireService = Type.Object({
  ...imageKeys,
  /** Several names stand with commas between them. */
  alias: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  command: Type.Optional(Type.Union([Texts, Type.Null()])),
  variables: Type.Optional(Type.Union([Type.Array(WireVariable), Type.Null()])),
});
export type WireService = Static<typeof WireService>;

export const WireArtifact = Type.Object({
  name: Type.Optional(Type.String()),
  untracked: Type.Optional(Type.Boolean()),
  paths: Type.Optional(Texts),
  exclude: Type.Optional(Texts),
  when: Type.Optional(When),
  artifact_type: Type.String(),
  artifact_format: Type.String(),
  expire_in: Type.Optional(Type.String()),
});
export type WireArtifact = Static<typeof WireArtifact>;

export const WireCache = Type.Object({
  key: Type.String(),
  untracked: Type.Optional(Type.Boolean()),
  policy: Type.Optional(Type.String()),
  paths: Type.Optional(Texts),
  when: Type.Optional(When),
  fallback_keys: Type.Optional(Texts),
});
export type WireCache = Static<typeof WireCache>;

export const WireDependency = Type.Object({
  id: Type.Integer(),
  /** Of the job that fetches, not of the one it fetches from. */
  token: Type.String(),
  name: Type.String(),
  artifacts_file: Type.Object({ filename: Type.String(), size: Type.Integer() }),
});
export type WireDependency = Static<typeof WireDependency>;

/** What GitLab's protocol has no words for; only a runner that has the feature `slipway_steps` gets such a job. */
const SlipwaySteps = Type.Object({
  command: Type.Optional(
    Type.Object({
      program: Type.Optional(Type.String()),
      arguments: Type.Optional(Texts),
    }),
  ),
  shared_workspace: Type.Optional(
    Type.Object({ name: Type.String(), path: Type.String(), folder: Type.String() }),
  ),
  volumes: Type.Optional(Type.Array(Type.Object({ name: Type.String(), path: Type.String() }))),
  /** Jobs of the same place see each other's files; it is never used for anything else again. */
  place: Type.Optional(Type.Integer()),
});

export const WireJob = Type.Object({
  id: Type.Integer(),
  token: Type.String(),
  allow_git_fetch: Type.Boolean(),
  job_info: Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    stage: Type.String(),
    pipeline_id: Type.Optional(Type.Integer()),
    project_id: Type.Integer(),
    project_name: Type.String(),
    project_full_path: Type.Optional(Type.String()),
  }),
  git_info: Type.Object({
    repo_url: Type.String(),
    ref: Type.String(),
    sha: Type.String(),
    before_sha: Type.String(),
    ref_type: Type.Union([Type.Literal('branch'), Type.Literal('tag')]),
    refspecs: Texts,
    depth: Type.Integer(),
    protected: Type.Optional(Type.Boolean()),
  }),
  runner_info: Type.Object({ timeout: Type.Integer() }),
  variables: Type.Array(WireVariable),
  steps: Type.Array(WireStep),
  hooks: Type.Optional(Type.Array(Type.Object({ name: Type.String(), script: Texts }))),
  image: Type.Optional(Type.Union([WireImage, Type.Null()])),
  services: Type.Array(WireService),
  artifacts: Type.Array(WireArtifact),
  cache: Type.Array(WireCache),
  credentials: Type.Array(
    Type.Object({
      type: Type.String(),
      url: Type.String(),
      username: Type.String(),
      password: Type.String(),
    }),
  ),
  dependencies: Type.Array(WireDependency),
  features: Type.Object({ trace_sections: Type.Boolean(), failure_reasons: Texts }),
  slipway: Type.Optional(SlipwaySteps),
});
export type WireJob = Static<typeof WireJob>;
