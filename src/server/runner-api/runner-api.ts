import type { IncomingMessage, ServerResponse } from 'node:http';
import multipart from '@fastify/multipart';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, RawServerDefault } from 'fastify';
import { wireSchemas } from '../../protocol/index.ts';
import { createOutageLog, isOutage } from '../http-outage.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { letArtifactsBeRefused } from './expect-continue.ts';
import { jobRequestRoute } from './job-request-route.ts';
import { jobRoutes } from './job-routes.ts';
import type { JobBroker } from './ports.ts';
import { Refusal } from './refusal.ts';
import { runnerRoutes } from './runner-routes.ts';

export type RunnerApi = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RunnerApiOptions {
  readonly broker: JobBroker;
  /** How long a runner that asks for a job is kept waiting for one; 0: not at all. */
  readonly longPollMs?: number;
  /** Aborts when the server begins to end: runners that wait for a job are sent away. */
  readonly ending?: AbortSignal;
}

/**
 * GitLab's runner protocol, as the official runner speaks it: a Fastify plugin for the prefix `/api/v4`. Errors are JSON
 * with a `message`. A connection on which nothing moves is closed.
 */
export async function runnerApi(server: FastifyInstance, options: RunnerApiOptions): Promise<void> {
  const { broker, longPollMs = LONG_POLL_MS, ending = new AbortController().signal } = options;
  const schemas = await wireSchemas();
  await server.register(multipart, { limits: { fields: 8, parts: 9, headerPairs: 32 } });
  server.removeContentTypeParser('text/plain');
  server.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  server.addHook('onRequest', (request, _reply, done) => {
    request.raw.socket.setTimeout(longPollMs + IDLE_MS);
    done();
  });
  const tellOutage = createOutageLog(server.log, () => performance.now());
  server.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const status = error.statusCode ?? 500;
    // It has gone away in the middle, which is no failure of ours.
    if (request.raw.destroyed && !request.raw.complete) return reply.hijack();
    // What went wrong inside is for the server's log, not for whoever asks.
    if (isOutage(error)) {
      tellOutage(error);
      return reply
        .code(503)
        .header('Retry-After', '2')
        .type(JSON_TYPE)
        .send({ message: '503 Service Unavailable' });
    }
    if (status >= 500 && !(error instanceof Refusal)) {
      request.log.error({ err: error }, 'A request of a runner failed');
      return reply.code(status).type(JSON_TYPE).send({ message: '500 Internal Server Error' });
    }
    const headers = error instanceof Refusal ? error.headers : {};
    return reply.code(status).headers(headers).type(JSON_TYPE).send({ message: error.message });
  });
  letArtifactsBeRefused(server.server);
  const api = server.withTypeProvider<TypeBoxTypeProvider>();
  runnerRoutes(api, broker, schemas);
  jobRequestRoute(api, broker, schemas, { longPollMs, ending });
  jobRoutes(api, broker, schemas);
  artifactRoutes(api, broker, schemas);
}

/** Below the minute after which proxies give up. */
const LONG_POLL_MS = 50_000;
const IDLE_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';
