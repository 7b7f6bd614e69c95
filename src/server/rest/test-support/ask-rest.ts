import type { TestedServer } from '../../test-support/running-server.ts';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; null when it is none. */
  readonly json: unknown;
}

export type AskRest = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<RestAnswer>;

/** Asks the API with a token; null: without one. */
export function askRest({ server }: Pick<TestedServer, 'server'>, token: string | null): AskRest {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.address}/api/v4${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { 'PRIVATE-TOKEN': token }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    };
  };
}
