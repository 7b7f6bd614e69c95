import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { connectToServer, type ServerConnection, type ServerRequest } from './connection.ts';
import { proxiesFor } from './proxies.ts';
import { readReply } from './read-reply.ts';

const open: { server: Server | null; connection: ServerConnection | null } = {
  server: null,
  connection: null,
};
afterEach(async () => {
  open.connection?.[Symbol.dispose]();
  open.server?.closeAllConnections();
  await new Promise((resolve) => open.server?.close(resolve) ?? resolve(null));
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const connection = connectToServer({
    url: `http://127.0.0.1:${port}/sub/`,
    environment: {},
    certificates: null,
  });
  Object.assign(open, { server, connection });
  const ask = async (request: Partial<ServerRequest> = {}) =>
    readReply(await connection.send({ method: 'GET', path: 'jobs/1', idleMs: 5_000, ...request }));
  return { connection, ask, sockets, port };
}

describe('a connection to a server', () => {
  it('asks below the API of an address that has a path', async () => {
    const { ask } = await serve((request, response) => response.end(request.url));
    expect(await ask()).toMatchObject({ status: 200, text: '/sub/api/v4/jobs/1' });
  });

  it('is one for many requests', async () => {
    const { ask, sockets } = await serve((request, response) =>
      request.resume().on('end', () => response.end('x')),
    );
    for (let count = 0; count < 5; count += 1) await ask({ method: 'PATCH', body: Buffer.from('abc') });
    expect(sockets.size).toBe(1);
  });

  it('asks again when what it asked over was closed for being idle', async () => {
    let requests = 0;
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        // The second request of a connection finds it gone.
        if (socket.bytesWritten > 0) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const url = `http://127.0.0.1:${port}`;
    open.connection = connectToServer({ url, environment: {}, certificates: null });
    const request = { method: 'GET', path: 'x', idleMs: 5_000 } as const;
    for (let count = 0; count < 2; count += 1) {
      expect(await readReply(await open.connection.send(request))).toMatchObject({ status: 200 });
    }
    expect(requests).toBe(3);
    open.connection[Symbol.dispose]();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sends no body to a server that refuses it by the headers', async () => {
    const { ask } = await serve(() => undefined);
    open.server?.on('checkContinue', (_request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too large');
    });
    let isRead = false;
    async function* unwanted() {
      isRead = true;
      yield Buffer.from('x');
    }
    const body = Readable.from(unwanted(), { objectMode: false });
    expect(await ask({ method: 'POST', body })).toMatchObject({ status: 413, text: 'too large' });
    expect([isRead, body.destroyed]).toEqual([false, true]);
  });

  it('sends a body to a server that says nothing first', async () => {
    const { ask } = await serve(() => undefined);
    open.server?.on('checkContinue', (request: IncomingMessage, response) => {
      request.resume().on('end', () => response.end('thanks'));
    });
    const body = Readable.from([Buffer.alloc(200_000), Buffer.alloc(200_000)], { objectMode: false });
    expect(await ask({ method: 'POST', body })).toMatchObject({ status: 200, text: 'thanks' });
  });

  it('stops sending a body when the answer is there', async () => {
    const { ask } = await serve((request, response) => {
      request.once('data', () => response.writeHead(507).end('full'));
    });
    async function* endless() {
      for (;;) {
        yield Buffer.alloc(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const body = Readable.from(endless(), { objectMode: false });
    expect(await ask({ method: 'POST', body })).toMatchObject({ status: 507, text: 'full' });
    expect(body.destroyed).toBe(true);
  });

  it('tells when a body of its own fails', async () => {
    const { ask } = await serve((request, response) => request.resume().on('end', () => response.end()));
    async function* failing() {
      yield Buffer.from('half');
      throw new Error('the disk is gone');
    }
    const answer = await ask({ method: 'POST', body: Readable.from(failing(), { objectMode: false }) });
    expect(answer).toEqual({ kind: 'away', reason: 'the disk is gone' });
  });

  it('gives up when nothing moves', async () => {
    const { ask } = await serve(() => undefined);
    expect(await ask({ idleMs: 50 })).toMatchObject({ kind: 'away', reason: 'nothing moved for 0.05 s' });
  });

  it('gives up when it is told to', async () => {
    const { ask } = await serve(() => undefined);
    expect(await ask({ signal: AbortSignal.timeout(20) })).toMatchObject({ kind: 'away' });
    expect(await ask({ signal: AbortSignal.abort() })).toMatchObject({ kind: 'away' });
  });

  it.each<[string, RequestListener]>([
    ['breaks off', (request) => request.socket.destroy()],
    [
      'breaks off in the middle',
      (_request, response) =>
        response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy()),
    ],
    ['answers what is no HTTP', (request) => request.socket.end('hello\r\n\r\n')],
    ['answers without end', (_request, response) => Readable.from(pages()).pipe(response)],
  ])('says that a server is away that %s', async (_what, listener) => {
    const { ask } = await serve(listener);
    expect(await ask()).toMatchObject({ kind: 'away' });
  });

  it('says that nobody is there', async () => {
    const { connection, ask } = await serve(() => undefined);
    open.server?.close();
    connection[Symbol.dispose]();
    expect(await ask()).toMatchObject({ kind: 'away', reason: expect.stringContaining('ECONNREFUSED') });
  });

  it.each(['ci.example.com', 'ftp://ci.example.com', 'https://me:pw@ci.example.com', ''])(
    'is none to %j',
    (url) => {
      expect(() => connectToServer({ url, environment: {}, certificates: null })).toThrow();
    },
  );
});

describe('proxies', () => {
  const environment = { HTTPS_PROXY: 'http://proxy:8080', NO_PROXY: 'internal', OTHER: 'x' };

  it('are those of the environment', () => {
    expect(proxiesFor('ci.example.com', environment)).toEqual({
      HTTPS_PROXY: 'http://proxy:8080',
      NO_PROXY: 'internal',
    });
  });

  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('are not for %s', (host) => {
    expect(proxiesFor(host, environment)).toEqual({});
  });

  it('carry requests', async () => {
    const { port } = await serve((request, response) => response.end(request.url));
    const proxied = { url: 'http://ci.example.com', environment: { http_proxy: `http://127.0.0.1:${port}` } };
    open.connection?.[Symbol.dispose]();
    open.connection = connectToServer({ ...proxied, certificates: null });
    const reply = await open.connection.send({ method: 'GET', path: 'x', idleMs: 5_000 });
    expect(await readReply(reply)).toMatchObject({ text: 'http://ci.example.com/api/v4/x' });
  });
});

function* pages() {
  for (let page = 0; page < 1_000; page += 1) yield Buffer.alloc(65_536);
}
