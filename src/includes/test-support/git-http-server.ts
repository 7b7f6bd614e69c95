import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface GitHttpServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked for, with the authorization that came along. */
  readonly requests: { readonly path: string; readonly authorization: string | null }[];
  close(): Promise<void>;
}

/**
 * git's own http-backend behind a small server, as a forge has it. `password`: asked for by basic authentication; null:
 * everybody may read. `answer`: takes a request before git sees it. `tls`: a certificate and its key, served over https.
 */
export async function serveGit(
  root: string,
  password: string | null,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<GitHttpServer> {
  const requests: { path: string; authorization: string | null }[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const authorization = request.headers.authorization ?? null;
    requests.push({ path: request.url ?? '', authorization });
    if (answer(request, response)) return;
    if (password !== null && passwordIn(authorization) !== password) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    runBackend(root, request, response);
  };
  const server = tls === null ? createServer(handle) : createTlsServer(tls, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function passwordIn(authorization: string | null): string | null {
  const coded = /^Basic (.+)$/.exec(authorization ?? '')?.[1];
  return coded === undefined ? null : (Buffer.from(coded, 'base64').toString().split(':')[1] ?? null);
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  let head: Buffer | null = Buffer.alloc(0);
  backend.stdout.on('data', (chunk: Buffer) => {
    if (head === null) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    head = null;
  });
  backend.stdout.on('end', () => response.end());
}
