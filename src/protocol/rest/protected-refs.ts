import { type Static, Type } from 'typebox';
import { ProjectRef } from './fields.ts';

/** Whoever may push may push to it, forwards only: there are no roles. */
const Level = Type.Object({ access_level: Type.Integer(), access_level_description: Type.String() });

export const RestProtectedBranch = Type.Object({
  name: Type.String(),
  push_access_levels: Type.Array(Level),
  merge_access_levels: Type.Array(Level),
  allow_force_push: Type.Boolean(),
});
export type RestProtectedBranch = Static<typeof RestProtectedBranch>;

export const RestProtectedTag = Type.Object({ name: Type.String(), create_access_levels: Type.Array(Level) });
export type RestProtectedTag = Static<typeof RestProtectedTag>;

export const ProtectRef = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255, description: 'A name, or a pattern with `*`' }),
});

export const ProtectedRefParams = Type.Object({
  id: ProjectRef,
  name: Type.String({ minLength: 1, maxLength: 255 }),
});
