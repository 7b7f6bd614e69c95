import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as overHttp } from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { AppError } from '../../../base/app-error.ts';
import { proxiesFor } from './proxies.ts';

/** One server, reached over connections that are kept open between requests. */
export interface ServerConnection extends Disposable {
  /** With a slash at its end. */
  readonly api: URL;
  /** Never throws for what the network or the server does. */
  send(request: ServerRequest): Promise<ServerReply>;
}

export interface ServerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API's own, with its query; or a whole address, of a redirect. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  /** So long may nothing move: neither bytes of the body, nor of the answer. */
  readonly idleMs: number;
  readonly signal?: AbortSignal;
}

export type ServerReply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** To be read to its end or destroyed. */
      readonly body: Readable;
    }
  /** No answer: the network, the server or we ourselves have ended it. Whether the server has acted is not known. */
  | { readonly kind: 'away'; readonly reason: string };

export interface ConnectionOptions {
  /** Of the server, as for a browser: `https://ci.example.com`. */
  readonly url: string;
  /** Where proxies are named: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
  readonly environment: NodeJS.ProcessEnv;
  /** Certificates (PEM) to trust besides those of the system; null: none. */
  readonly certificates: string | null;
}

/**
 * Connects to a server's API, version 4.
 *
 * Over node:http and not `fetch`: a request costs about half of the processor's time, and its body may wait longer for
 * its answer than the five minutes that fetch gives it.
 *
 * @throws AppError `bad-server-address`
 */
export function connectToServer({ url, environment, certificates }: ConnectionOptions): ServerConnection {
  const api = apiAddress(url);
  const proxyEnv = proxiesFor(api.hostname, environment);
  const settings = { keepAlive: true, maxFreeSockets: 64, proxyEnv };
  const trusted = certificates === null ? {} : { ca: [...getCACertificates('default'), certificates] };
  const http = new HttpAgent(settings);
  const https = new HttpsAgent({ ...settings, ...trusted });

  return {
    api,
    send: (request) =>
      exchange(request, () => {
        const address = new URL(request.path, api);
        const { method, idleMs: timeout } = request;
        const headers = { ...request.headers, ...(isStreamed(request) ? { Expect: '100-continue' } : {}) };
        const options = { method, headers, timeout };
        return address.protocol === 'https:'
          ? overHttps(address, { ...options, agent: https })
          : overHttp(address, { ...options, agent: http });
      }),
    [Symbol.dispose]() {
      http.destroy();
      https.destroy();
    },
  };
}

function apiAddress(url: string): URL {
  const address = URL.parse(url);
  if (address === null || !['http:', 'https:'].includes(address.protocol)) {
    throw new AppError('bad-server-address', `"${url}" is not the address of a server.`, {
      hint: 'It begins with https:// or http://, as in a browser.',
    });
  }
  if (address.username !== '' || address.password !== '') {
    throw new AppError('bad-server-address', "The server's address has a user or a password in it.", {
      hint: 'The token alone says who a runner is.',
    });
  }
  return new URL('api/v4/', `${address.origin}${address.pathname.replace(/\/*$/, '/')}`);
}

function isStreamed({ body }: ServerRequest): boolean {
  return body !== undefined && !(body instanceof Uint8Array);
}

function exchange(request: ServerRequest, open: () => ClientRequest): Promise<ServerReply> {
  const { body, idleMs, signal } = request;
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve({ kind: 'away', reason: 'it was given up' });
      return;
    }
    const outgoing = open();
    const abort = () => outgoing.destroy(new Error('it was given up'));
    signal?.addEventListener('abort', abort, { once: true });
    outgoing.once('close', () => signal?.removeEventListener('abort', abort));
    outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing moved for ${idleMs / 1000} s`)));
    // After the answer has begun, its body tells what fails.
    outgoing.on('error', (error) => {
      // A server closes what was idle for long, and may do so just as the next request is on its way.
      const wasIdle = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (wasIdle && !isStreamed(request)) resolve(exchange(request, open));
      else resolve({ kind: 'away', reason: reasonOf(error) });
    });
    outgoing.once('response', (incoming) => {
      stopSending(body, outgoing, incoming);
      const { statusCode: status = 0 } = incoming;
      resolve({ kind: 'answer', status, headers: headersOf(incoming), body: incoming });
    });
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
    else sendWhenWanted(body, outgoing);
  });
}

/**
 * A server may refuse by the headers alone (RFC 9110, 10.1.1): were the body on its way already, its answer would be lost
 * with the connection. One that does not know how to say "continue" gets the body after a second.
 */
function sendWhenWanted(body: Readable, outgoing: ClientRequest): void {
  body.once('error', (error) => outgoing.destroy(error));
  outgoing.once('close', () => body.destroy());
  const send = () => {
    if (!outgoing.destroyed && !body.destroyed) body.pipe(outgoing);
  };
  const timer = setTimeout(send, CONTINUE_MS);
  outgoing.once('continue', () => {
    clearTimeout(timer);
    send();
  });
  for (const event of ['response', 'close']) outgoing.once(event, () => clearTimeout(timer));
  outgoing.flushHeaders();
}

const CONTINUE_MS = 1_000;

/** A server that answers before it has read everything does not want the rest. */
function stopSending(
  body: Uint8Array | Readable | undefined,
  outgoing: ClientRequest,
  incoming: IncomingMessage,
): void {
  if (body === undefined || body instanceof Uint8Array || body.readableEnded) return;
  body.unpipe(outgoing);
  body.destroy();
  incoming.once('end', () => outgoing.destroy());
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** Several addresses of one name fail together, with no message of their own. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join(', ');
  }
  return error.message;
}
