import { type Static, Type } from 'typebox';
import { ProjectRef, pageKeys, TextOrNull } from './fields.ts';

const Kind = Type.Union([Type.Literal('env_var'), Type.Literal('file')]);
const Key = Type.String({ pattern: '^[A-Za-z0-9_]{1,255}$' });

export const RestVariable = Type.Object({
  key: Type.String(),
  /** null: it is hidden. */
  value: TextOrNull,
  variable_type: Kind,
  protected: Type.Boolean(),
  masked: Type.Boolean(),
  hidden: Type.Boolean(),
  raw: Type.Boolean(),
  environment_scope: Type.String(),
  description: TextOrNull,
});
export type RestVariable = Static<typeof RestVariable>;

const settingKeys = {
  variable_type: Type.Optional(Kind),
  protected: Type.Optional(Type.Boolean()),
  masked: Type.Optional(Type.Boolean()),
  raw: Type.Optional(Type.Boolean()),
  environment_scope: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  description: Type.Optional(Type.String({ maxLength: 255 })),
} as const;

const Value = Type.String({ maxLength: 65_536 });

export const CreateVariable = Type.Object({
  key: Key,
  value: Value,
  ...settingKeys,
  masked_and_hidden: Type.Optional(Type.Boolean()),
});
export type CreateVariable = Static<typeof CreateVariable>;

export const ScopeFilter = { 'filter[environment_scope]': Type.Optional(Type.String({ maxLength: 255 })) };

export const UpdateVariable = Type.Object({
  value: Value,
  ...settingKeys,
  filter: Type.Optional(Type.Object({ environment_scope: Type.Optional(Type.String({ maxLength: 255 })) })),
});
export type UpdateVariable = Static<typeof UpdateVariable>;

export const VariableParams = Type.Object({ id: ProjectRef, key: Key });
export const InstanceVariableParams = Type.Object({ key: Key });
export const VariableQuery = Type.Object(ScopeFilter);
export type VariableQuery = Static<typeof VariableQuery>;
export const ListVariables = Type.Object({
  page: pageKeys.page,
  per_page: pageKeys.per_page,
});
