import { type Static, Type } from 'typebox';
import { Id, IntegerOrNull, ProjectRef, pageKeys, TextOrNull, Time, TimeOrNull } from './fields.ts';

const Kind = Type.Union([Type.Literal('instance_type'), Type.Literal('project_type')]);
const Level = Type.Union([Type.Literal('not_protected'), Type.Literal('ref_protected')]);

export const RestRunner = Type.Object({
  id: Type.Integer(),
  description: Type.String(),
  runner_type: Kind,
  is_shared: Type.Boolean(),
  active: Type.Boolean(),
  paused: Type.Boolean(),
  online: Type.Boolean(),
  status: Type.Union([
    Type.Literal('online'),
    Type.Literal('offline'),
    Type.Literal('stale'),
    Type.Literal('never_contacted'),
  ]),
  contacted_at: TimeOrNull,
  created_at: Time,
  tag_list: Type.Array(Type.String()),
});
export type RestRunner = Static<typeof RestRunner>;

export const RestRunnerDetails = Type.Object({
  ...RestRunner.properties,
  run_untagged: Type.Boolean(),
  locked: Type.Boolean(),
  access_level: Level,
  maximum_timeout: IntegerOrNull,
  projects: Type.Array(Type.Object({ id: Type.Integer() })),
  managers: Type.Array(
    Type.Object({
      system_id: Type.String(),
      version: TextOrNull,
      platform: TextOrNull,
      architecture: TextOrNull,
      executor: TextOrNull,
      contacted_at: Time,
    }),
  ),
});
export type RestRunnerDetails = Static<typeof RestRunnerDetails>;

const Tags = Type.Array(Type.String({ maxLength: 2000, description: 'A tag, or several with commas' }), {
  maxItems: 50,
});

const settingKeys = {
  description: Type.Optional(Type.String({ maxLength: 1000 })),
  paused: Type.Optional(Type.Boolean()),
  locked: Type.Optional(Type.Boolean()),
  run_untagged: Type.Optional(Type.Boolean()),
  tag_list: Type.Optional(Tags),
  access_level: Type.Optional(Level),
  maximum_timeout: Type.Optional(Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 600 })),
} as const;

export const CreateRunner = Type.Object({
  runner_type: Kind,
  project_id: Type.Optional(Id),
  ...settingKeys,
});
export type CreateRunner = Static<typeof CreateRunner>;

export const UpdateRunner = Type.Object(settingKeys);
export type UpdateRunner = Static<typeof UpdateRunner>;

/** The only time that the token is shown. */
export const RestNewRunner = Type.Object({
  id: Type.Integer(),
  token: Type.String(),
  token_expires_at: TimeOrNull,
});
export type RestNewRunner = Static<typeof RestNewRunner>;

export const RunnerParams = Type.Object({ id: Id });
export const ProjectRunnerParams = Type.Object({ id: ProjectRef, runner_id: Id });
export const AssignRunner = Type.Object({ runner_id: Id });
export const ListRunners = Type.Object(pageKeys);
