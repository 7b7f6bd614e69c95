import { type Static, Type } from 'typebox';
import { Id, IntegerOrNull, ProjectRef, pageKeys, TextOrNull, Time, TimeOrNull } from './fields.ts';

const Scope = Type.Union([
  Type.Literal('api'),
  Type.Literal('read_api'),
  Type.Literal('read_repository'),
  Type.Literal('write_repository'),
]);

export const RestToken = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  revoked: Type.Boolean(),
  active: Type.Boolean(),
  created_at: Time,
  scopes: Type.Array(Type.String()),
  user_id: IntegerOrNull,
  last_used_at: TimeOrNull,
  expires_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date' }),
});
export type RestToken = Static<typeof RestToken>;

/** The only time that the token is shown. */
export const RestNewToken = Type.Object({ ...RestToken.properties, token: Type.String() });
export type RestNewToken = Static<typeof RestNewToken>;

export const CreateToken = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  scopes: Type.Array(Scope, { minItems: 1, maxItems: 4 }),
  expires_at: Type.Optional(
    Type.String({ format: 'date', description: 'The token is good up to this day; absent: for ever' }),
  ),
});
export type CreateToken = Static<typeof CreateToken>;

export const ListTokens = Type.Object({
  page: pageKeys.page,
  per_page: pageKeys.per_page,
  state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('inactive')])),
});
export type ListTokens = Static<typeof ListTokens>;

export const TokenParams = Type.Object({ token_id: Id });
export const ProjectTokenParams = Type.Object({ id: ProjectRef, token_id: Id });

export const RegistrationToken = Type.Object({ token: Type.String(), token_expires_at: TextOrNull });
