import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { type Store, tokenByHash } from '../../store/index.ts';
import { hashToken } from '../runner-api/token-hash.ts';
import { METRICS_TYPE } from './metrics.ts';
import type { ServerMetrics } from './server-metrics.ts';

/**
 * `/-/metrics` for programs of this machine, and for whoever has the administrator's token (`Authorization: Bearer …`).
 * What comes through a proxy comes from elsewhere, even if the proxy is here.
 */
export function metricsRoute(
  app: FastifyInstance,
  {
    metrics,
    store,
    clock,
  }: { readonly metrics: ServerMetrics; readonly store: Store; readonly clock: Clock },
): void {
  app.get('/-/metrics', async (request, reply) => {
    const token = tokenOf(request.headers);
    const isAllowed =
      token === null
        ? isFromHere(request.raw)
        : (await store.read((db) => tokenByHash(db, hashToken(token), clock.now())))?.kind === 'personal';
    if (!isAllowed)
      return reply.code(401).header('WWW-Authenticate', 'Bearer').send({ message: '401 Unauthorized' });
    return reply.type(METRICS_TYPE).send(await metrics.text());
  });
}

function tokenOf(headers: IncomingMessage['headers']): string | null {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const own = headers['private-token'];
  return bearer ?? (typeof own === 'string' ? own : null);
}

function isFromHere({ socket, headers }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  return /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '');
}
