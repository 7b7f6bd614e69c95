import type { FastifyRequest } from 'fastify';

/**
 * What of a request and an answer is logged: nothing that lets somebody in. Tokens travel in headers, in the query, and
 * in addresses of clones, so only the path is kept.
 */
export const SERIALIZERS = {
  req: ({ method, url, raw }: FastifyRequest) => ({
    method,
    path: url.replace(/[?#].*$/s, ''),
    from: raw.socket.remoteAddress,
  }),
  res: ({ statusCode }: { readonly statusCode?: number }) => ({ status: statusCode }),
  err: (error: Error) => ({
    type: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: withoutPasswords(error.message),
    stack: withoutPasswords(error.stack ?? ''),
    ...(error.cause instanceof Error ? { cause: withoutPasswords(error.cause.message) } : {}),
  }),
};

/** Of addresses, such as a database's, that stand in messages. */
function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w+:\/\/[^\s:@/]*):[^\s@/]*@/g, '$1:***@');
}
