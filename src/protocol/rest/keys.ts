import { type Static, Type } from 'typebox';
import { Id, ProjectRef, pageKeys, Time, TimeOrNull } from './fields.ts';

const keyFields = {
  id: Type.Integer(),
  title: Type.String(),
  key: Type.String(),
  fingerprint_sha256: Type.String(),
  created_at: Time,
  expires_at: TimeOrNull,
  last_used_at: TimeOrNull,
} as const;

/** A public key of the administrator. */
export const RestSshKey = Type.Object({ ...keyFields, usage_type: Type.Literal('auth') });
export type RestSshKey = Static<typeof RestSshKey>;

/** A key of a machine, as one project sees it. */
export const RestDeployKey = Type.Object({ ...keyFields, can_push: Type.Boolean() });
export type RestDeployKey = Static<typeof RestDeployKey>;

const Title = Type.String({ minLength: 1, maxLength: 255 });
const newKeyFields = {
  title: Title,
  key: Type.String({ minLength: 1, maxLength: 20_000, description: 'As in ~/.ssh/id_ed25519.pub' }),
  expires_at: Type.Optional(Type.String({ format: 'date-time' })),
} as const;

export const CreateSshKey = Type.Object(newKeyFields);
export type CreateSshKey = Static<typeof CreateSshKey>;

export const CreateDeployKey = Type.Object({ ...newKeyFields, can_push: Type.Optional(Type.Boolean()) });
export type CreateDeployKey = Static<typeof CreateDeployKey>;

export const UpdateDeployKey = Type.Object({ can_push: Type.Boolean() });
export const ListKeys = Type.Object({ page: pageKeys.page, per_page: pageKeys.per_page });
export const KeyParams = Type.Object({ key_id: Id });
export const ProjectKeyParams = Type.Object({ id: ProjectRef, key_id: Id });
