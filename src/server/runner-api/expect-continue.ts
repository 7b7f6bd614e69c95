import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * Lets the route for artifacts refuse a body before it is sent (RFC 9110, 10.1.1): it says itself when it wants it. A
 * refusal that meets a body on its way is lost with the connection. All other routes get theirs at once, as always.
 */
export function letArtifactsBeRefused(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!/\/jobs\/\d+\/artifacts(?:\?|$)/.test(request.url ?? '')) response.writeContinue();
    server.emit('request', request, response);
  });
}

/** Asks for the body of a request that waits for it. */
export function wantBody({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined) response.writeContinue();
}
