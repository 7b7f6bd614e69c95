import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { restSchemas } from '../../protocol/index.ts';
import type { ServerParts } from '../server-parts.ts';
import type { Access } from './auth/access.ts';

export type TypedServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type RestSchemas = Awaited<ReturnType<typeof restSchemas>>;

/** What the routes of a resource are made with. */
export interface RestScope {
  readonly api: TypedServer;
  readonly parts: ServerParts;
  readonly schemas: RestSchemas;
  readonly access: Access;
}
