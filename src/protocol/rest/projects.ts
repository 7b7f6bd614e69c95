import { type Static, Type } from 'typebox';
import { pageKeys, TextOrNull, Time } from './fields.ts';

const Visibility = Type.Union([Type.Literal('private'), Type.Literal('internal'), Type.Literal('public')]);

export const RestProject = Type.Object({
  id: Type.Integer(),
  description: TextOrNull,
  name: Type.String(),
  name_with_namespace: Type.String(),
  path: Type.String(),
  path_with_namespace: Type.String(),
  created_at: Time,
  default_branch: Type.String(),
  http_url_to_repo: Type.String(),
  web_url: Type.String(),
  visibility: Visibility,
  empty_repo: Type.Optional(Type.Boolean()),
  ci_config_path: TextOrNull,
  ci_default_git_depth: Type.Integer(),
  build_timeout: Type.Integer(),
  auto_cancel_pending_pipelines: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]),
});
export type RestProject = Static<typeof RestProject>;

/** What may be set of a project. */
const settingKeys = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  default_branch: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  visibility: Type.Optional(Visibility),
  ci_config_path: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 255 })),
  ci_default_git_depth: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  build_timeout: Type.Optional(Type.Integer({ minimum: 10, maximum: 31_536_000, description: 'Seconds' })),
  auto_cancel_pending_pipelines: Type.Optional(
    Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]),
  ),
} as const;

export const CreateProject = Type.Object({
  ...settingKeys,
  /** The last part of the path; by default it is made of the name. */
  path: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  namespace_path: Type.Optional(
    Type.String({ minLength: 1, maxLength: 400, description: 'The group; `root` when absent' }),
  ),
});
export type CreateProject = Static<typeof CreateProject>;

export const UpdateProject = Type.Object(settingKeys);
export type UpdateProject = Static<typeof UpdateProject>;

export const ListProjects = Type.Object({
  ...pageKeys,
  id_after: Type.Optional(Type.Integer({ minimum: 0 })),
  id_before: Type.Optional(Type.Integer({ minimum: 1 })),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});
export type ListProjects = Static<typeof ListProjects>;
