import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type FastifyInstance, fastify, LogController } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { GitHttp } from '../git/index.ts';
import type { ServerMetrics } from '../observation/server-metrics.ts';
import type { ServerLimits, ServerLog } from '../server-options.ts';
import { limitBodies } from './limit-bodies.ts';
import { SERIALIZERS } from './log-serializers.ts';
import { wordsForBrowser } from './words-for-browser.ts';

export interface Web {
  readonly app: FastifyInstance;
  /** Aborts when the server begins to end: whoever waits is answered now. */
  readonly ending: AbortSignal;
  /** What git's requests are answered with; until then they are answered as all others. */
  serveGit(serve: GitHttp): void;
  /** From now on nothing new is begun. Those who wait are answered; who asks is told to ask another. */
  beginToEnd(): void;
  /** Waits for requests that have begun, for as long as the limit says, and then cuts them off. */
  close(): Promise<void>;
}

export interface WebParts {
  readonly log: ServerLog;
  readonly limits: Pick<ServerLimits, 'headMs' | 'bodyMs' | 'connections' | 'endingMs'>;
  readonly clock: Clock;
  readonly metrics: Pick<ServerMetrics, 'answered'>;
}

/** The HTTP of a server, before anything is served: its limits, its log, and its end. */
export function createWeb({ log, limits, clock, metrics }: WebParts): Web {
  const ending = new AbortController();
  // Each runner that waits for a job listens to it.
  setMaxListeners(0, ending.signal);
  const git: { serve: GitHttp | null } = { serve: null };

  const app: FastifyInstance = fastify({
    logger: {
      level: log.level,
      stream: { write: log.write },
      base: null,
      serializers: SERIALIZERS,
    },
    logController: new LogController({
      disableRequestLogging: log.level !== 'debug',
      requestIdLogLabel: 'request',
    }),
    genReqId: requestId,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 500 },
    // Who is being answered is waited for in `close`.
    forceCloseConnections: 'idle',
    // A push of many gigabytes takes its time; who does not move is let go by those who serve it.
    requestTimeout: 0,
    serverFactory(handler) {
      const server = createServer(
        {
          requestTimeout: 0,
          // Node takes it from `requestTimeout` when it is not given, and 0 would be for ever.
          headersTimeout: limits.headMs,
          connectionsCheckingInterval: Math.min(5000, limits.headMs),
          keepAliveTimeout: 75_000,
          maxHeaderSize: 16 * 1024,
        },
        (request, response) => void take(request, response, handler),
      );
      server.maxConnections = limits.connections;
      return server;
    },
  });

  async function take(
    request: IncomingMessage,
    response: ServerResponse,
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<void> {
    const started = clock.elapsed();
    const isGit = git.serve !== null && !ending.signal.aborted && (await git.serve(request, response));
    if (!isGit) return handler(request, response);
    const seconds = (clock.elapsed() - started) / 1000;
    metrics.answered({ method: request.method ?? '', route: 'git', status: response.statusCode, seconds });
  }

  // Fastify's own puts the whole address into the log, and tokens with it.
  app.setNotFoundHandler((request, reply) => {
    const words = request.method === 'GET' ? wordsForBrowser(request.url) : null;
    if (words === null) return reply.code(404).send({ message: '404 Not Found' });
    return reply.type('text/plain; charset=utf-8').header('X-Content-Type-Options', 'nosniff').send(words);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (ending.signal.aborted) reply.header('Connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const seconds = reply.elapsedTime / 1000;
    // The template, never the address: that has names in it, and whoever asks may make up as many as he likes.
    const route = request.routeOptions.url ?? 'none';
    metrics.answered({ method: request.method, route, status: reply.statusCode, seconds });
    done();
  });
  limitBodies(app, limits.bodyMs, clock);

  return {
    app,
    ending: ending.signal,
    serveGit(serve) {
      git.serve = serve;
    },
    beginToEnd: () => ending.abort(),
    async close() {
      ending.abort();
      const cancel = clock.after(limits.endingMs, () => app.server.closeAllConnections());
      // One that was just being answered when the others were closed is idle now, and would stay open.
      const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
      await app.close();
      clearInterval(sweep);
      cancel();
    },
  };
}

const SWEEP_MS = 50;

/** The one that a proxy gave, so that its log and ours go together, or a new one. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
