import { type Static, type TSchema, Type } from 'typebox';

/** Fields of many resources. Unions with null are written so that they are fast to print. */
export const TextOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const IntegerOrNull = Type.Unsafe<number | null>({ type: ['integer', 'null'] });
export const NumberOrNull = Type.Unsafe<number | null>({ type: ['number', 'null'] });

/** RFC 3339, in UTC. */
export const Time = Type.String({ format: 'date-time' });
export const TimeOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' });

export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A project in an address: its number, or its URL-encoded path. */
export const ProjectRef = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'The number of the project, or its URL-encoded path',
});

export const ProjectParams = Type.Object({ id: ProjectRef });

/** How much of a list, and from where; see docs/reference/api.md. */
export const pageKeys = {
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, description: 'Offset pagination' })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  pagination: Type.Optional(Type.Union([Type.Literal('keyset'), Type.Literal('legacy')])),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: 'From the Link header' })),
  order_by: Type.Optional(Type.Literal('id')),
  sort: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
} as const;

export const PageQuery = Type.Object(pageKeys);
export type PageQuery = Static<typeof PageQuery>;

export const RestUser = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  name: Type.String(),
  state: Type.Literal('active'),
  avatar_url: Type.Null(),
  web_url: Type.String(),
});
export type RestUser = Static<typeof RestUser>;

/** What every answer is that is no success. */
export const RestFailure = Type.Object({
  message: Type.Unsafe<string | Readonly<Record<string, readonly string[]>>>({}),
});
export type RestFailure = Static<typeof RestFailure>;

/** A variable that is given with an order. */
export const GivenVariable = Type.Object({
  key: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,254}$' }),
  value: Type.String({ maxLength: 65_536 }),
  variable_type: Type.Optional(Type.Union([Type.Literal('env_var'), Type.Literal('file')])),
});
export type GivenVariable = Static<typeof GivenVariable>;

export function listOf<T extends TSchema>(item: T) {
  return Type.Array(item);
}

/** A body that may be absent. */
export function optional<T extends TSchema>(body: T) {
  return Type.Union([body, Type.Null()]);
}

/** The body of an answer that has none. */
export const Nothing = Type.Null();

/** Something that goes on after the answer. */
export const RestAccepted = Type.Object({ message: Type.String() });

export const NoParams = Type.Object({});
