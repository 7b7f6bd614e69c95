import type { Static, TSchema } from 'typebox';
import { AppError } from '../base/app-error.ts';
import type { ServerPlace } from './find-server.ts';

/** The values of a query; those that are undefined are left out, lists are written key by key. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * A server's API. What comes is checked against its schema, so that an answer of something else is told as such. All
 * calls throw an AppError: `server-away`, `not-authorized`, `not-on-server`, `server-refused`, `server-failed`,
 * `answer-not-understood`.
 */
export interface ServerClient {
  readonly address: string;
  get<S extends TSchema>(path: string, schema: S, query?: Query): Promise<Static<S>>;
  send<S extends TSchema>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    schema: S,
    body?: unknown,
    query?: Query,
  ): Promise<Static<S>>;
  /** Every entry of a list, page by page; `limit`: no more than that. */
  list<S extends TSchema>(path: string, schema: S, query?: Query, limit?: number): AsyncGenerator<Static<S>>;
  /** Something that is read while it comes, from a byte on. null: there is nothing from there on yet. */
  stream(path: string, from: number, signal: AbortSignal, query?: Query): Promise<StreamedAnswer | null>;
}

export interface StreamedAnswer {
  readonly type: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export function createServerClient({ address, token }: ServerPlace): ServerClient {
  async function ask(
    method: string,
    path: string,
    options: {
      readonly query?: Query | undefined;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<Response> {
    const { body } = options;
    const response = await fetch(addressOf(address, path, options.query), {
      method,
      // A token belongs to this address, and to no other.
      redirect: 'manual',
      headers: {
        'PRIVATE-TOKEN': token,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }).catch((cause: unknown) => {
      if (options.signal?.aborted === true) throw cause;
      throw new AppError('server-away', `The server ${address} cannot be reached: ${whyOf(cause)}.`, {
        hint: 'Does it run, and is this its address? `slipway up` starts one on this machine.',
        cause,
      });
    });
    if (response.ok || response.status === 416) return response;
    throw await failureOf(response, `${method} ${path}`, address);
  }

  async function answered<S extends TSchema>(response: Response, schema: S): Promise<Static<S>> {
    const text = await response.text();
    return checked(schema, text === '' ? null : parsed(text, address), address);
  }

  return {
    address,
    async get(path, schema, query) {
      return answered(await ask('GET', path, { query }), schema);
    },
    async send(method, path, schema, body, query) {
      return answered(await ask(method, path, { body, query }), schema);
    },
    async *list(path, schema, query = {}, limit = Number.POSITIVE_INFINITY) {
      let left = limit;
      let next: Query | null = { ...query, pagination: 'keyset', per_page: Math.min(limit, 100) };
      while (next !== null && left > 0) {
        const response: Response = await ask('GET', path, { query: next });
        const entries = parsed(await response.text(), address);
        if (!Array.isArray(entries)) throw notUnderstood(address);
        for (const entry of entries.slice(0, left)) yield await checked(schema, entry, address);
        left -= entries.length;
        const cursor = nextCursor(response.headers.get('link'));
        next = cursor === null ? null : { ...next, cursor };
      }
    },
    async stream(path, from, signal, query) {
      const headers = from === 0 ? {} : { Range: `bytes=${from}-` };
      const response = await ask('GET', path, { headers, signal, query });
      if (response.status === 416) {
        await response.body?.cancel();
        return null;
      }
      const type = response.headers.get('content-type') ?? '';
      return { type, bytes: response.body ?? emptyBytes() };
    },
  };
}

function addressOf(address: string, path: string, query: Query = {}): URL {
  const url = new URL(`${address}/api/v4${path}`);
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(key, String(one));
  }
  return url;
}

function nextCursor(link: string | null): string | null {
  const [, target] = /<([^>]*)>; rel="next"/.exec(link ?? '') ?? [];
  return target === undefined || !URL.canParse(target) ? null : new URL(target).searchParams.get('cursor');
}

function parsed(text: string, address: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notUnderstood(address, cause);
  }
}

/** The check is loaded with the first answer. */
async function checked<S extends TSchema>(schema: S, value: unknown, address: string): Promise<Static<S>> {
  const { Check } = await import('typebox/value');
  if (Check(schema, value)) return value;
  throw notUnderstood(address);
}

function notUnderstood(address: string, cause?: unknown): AppError {
  return new AppError('answer-not-understood', `${address} answers, but not as Slipway's API does.`, {
    hint: 'Is it the address of a Slipway server, and of the same version?',
    cause,
  });
}

async function failureOf(response: Response, what: string, address: string): Promise<AppError> {
  const { status } = response;
  const said = messageIn(await response.text().catch(() => ''));
  if (status === 401) {
    return new AppError('not-authorized', `${address} does not know this token, or it is none for the API.`, {
      hint: 'It may have been revoked, or have expired, or its scope may be too small. `slipway token list` shows those there are.',
    });
  }
  if (status === 403)
    return new AppError('not-authorized', `${what}: ${said ?? 'this token may not do that'}.`);
  if (status === 404) return new AppError('not-on-server', `${what}: ${said ?? '404 Not Found'}.`);
  if (status < 500) return new AppError('server-refused', `${what}: ${said ?? `refused with ${status}`}`);
  return new AppError('server-failed', `${what}: the server failed (${status}).`, {
    hint: 'Its log says why.',
  });
}

/** GitLab's errors: a text, or lists of texts by field. */
function messageIn(text: string): string | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null; // An answer of something between us and the server.
  }
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  const { message } = body;
  if (typeof message === 'string') return message;
  if (typeof message !== 'object' || message === null) return null;
  return Object.entries(message)
    .map(([field, texts]) => (field === 'base' ? String(texts) : `${field} ${String(texts)}`))
    .join('; ');
}

function whyOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return 'no answer';
  return 'code' in inner && inner.code === 'ECONNREFUSED' ? 'nothing listens there' : inner.message;
}

async function* emptyBytes(): AsyncGenerator<Uint8Array> {
  // An answer without a body.
}
