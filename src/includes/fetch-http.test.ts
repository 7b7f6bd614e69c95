import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchHttp, type HttpLimits } from './fetch-http.ts';

interface Served {
  readonly url: string;
  readonly seen: { readonly path: string; readonly authorization: string | null }[];
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> {
  const seen: { path: string; authorization: string | null }[] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization ?? null });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, seen };
}

const LIMITS: HttpLimits = {
  allowedHosts: new Set(['127.0.0.1']),
  maxBytes: 1_000,
  timeLimitMs: 10_000,
  pause: async () => undefined,
};

describe('an answer', () => {
  test('is taken as it is', async () => {
    const { url } = await serve((_, response) => response.end('ü'));
    expect(await fetchHttp(`${url}/x.yml`, LIMITS)).toEqual({ kind: 'bytes', bytes: Buffer.from('ü') });
  });

  test('that says no is an answer; one that stumbles is asked for three times', async () => {
    const gone = await serve((_, response) => response.writeHead(404).end());
    expect(await fetchHttp(gone.url, LIMITS)).toEqual({ kind: 'http-status', status: 404 });
    expect(gone.seen).toHaveLength(1);

    const stumbling = await serve((_, response) => response.writeHead(503).end());
    expect(await fetchHttp(stumbling.url, LIMITS)).toEqual({ kind: 'http-status', status: 503 });
    expect(stumbling.seen).toHaveLength(3);

    let tries = 0;
    const mended = await serve((request, response) => {
      tries++;
      if (tries < 3) request.socket.destroy();
      else response.end('x');
    });
    expect(await fetchHttp(mended.url, LIMITS)).toMatchObject({ kind: 'bytes' });
  });

  test.each([
    ['that says so', { 'content-length': '2000' }],
    ['that does not', { 'transfer-encoding': 'chunked' }],
  ])('too large, and %s, is not read to its end', async (_, headers) => {
    const { url } = await serve((__, response) => {
      response.writeHead(200, headers);
      response.write('x'.repeat(2_000));
    });
    expect(await fetchHttp(url, LIMITS)).toMatchObject({ kind: 'too-large', limit: 1_000 });
  });

  test.each([
    ['never begins', () => undefined],
    ['never ends', (response: ServerResponse) => response.write('a: ')],
  ])('that %s is given up', async (_, answer) => {
    const { url } = await serve((__, response) => void answer(response));
    expect(await fetchHttp(url, { ...LIMITS, timeLimitMs: 100 })).toMatchObject({
      kind: 'unavailable',
      reason: 'of a timeout error',
    });
  });

  test('that nobody gives is said', async () => {
    expect(await fetchHttp('http://127.0.0.1:1/x.yml', LIMITS)).toMatchObject({
      reason: 'Connection refused',
    });
    const resolve: HttpLimits['resolve'] = (_, done) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    expect(await fetchHttp('http://nowhere.example/x.yml', { ...LIMITS, resolve })).toMatchObject({
      reason: 'of a socket error (ENOTFOUND)',
    });
  });

  test.each(['http://nowhere.invalid/x.yml', 'http://-/x.yml', `http://${'a'.repeat(300)}/x.yml`])(
    'from a name that no name server knows is said: %s',
    async (address) => {
      expect(await fetchHttp(address, LIMITS)).toMatchObject({
        reason: expect.stringMatching(/^of a socket error \([A-Z_]+\)$/),
      });
    },
  );

  test('that hands the connection over to another protocol is said', async () => {
    const { url } = await serve(({ socket }) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx');
    });
    expect(await fetchHttp(`${url}/x.yml`, LIMITS)).toMatchObject({
      reason: 'of a socket error (no answer to the request)',
    });
  });
});

describe('a redirect', () => {
  test('is followed', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.end('x');
    });
    expect(await fetchHttp(`${url}/a`, LIMITS)).toMatchObject({ kind: 'bytes' });
  });

  test('in a circle ends', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(302, { location: '/a' }).end());
    expect(await fetchHttp(url, LIMITS)).toMatchObject({ reason: 'of too many redirects' });
    expect(seen).toHaveLength(6);
  });

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://[', 'data:text/plain,x'])(
    'to %s is not followed',
    async (location) => {
      const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
      expect(await fetchHttp(url, LIMITS)).toMatchObject({ kind: 'unavailable' });
    },
  );

  test('to a private address is refused, although the first one was allowed', async () => {
    const hidden = await serve((_, response) => response.end('secret'));
    const location = hidden.url.replace('127.0.0.1', 'localhost');
    const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
    expect(await fetchHttp(url, LIMITS)).toMatchObject({
      reason: 'URL is blocked: Requests to localhost are not allowed',
      hint: expect.stringContaining('--allow-host localhost'),
    });
    expect(hidden.seen).toEqual([]);
  });

  test('to another server takes no password along', async () => {
    const other = await serve((_, response) => response.end('x'));
    const { url, seen } = await serve((request, response) => {
      const location = request.url === '/a' ? '/b' : other.url;
      response.writeHead(302, { location }).end();
    });
    expect(await fetchHttp(url.replace('//', '//me:pass@').concat('/a'), LIMITS)).toMatchObject({
      kind: 'bytes',
    });
    const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    expect(seen.map(({ authorization }) => authorization)).toEqual([basic, basic]);
    expect(other.seen).toEqual([{ path: '/', authorization: null }]);
  });
});

describe('a private address', () => {
  test.each([
    'http://127.0.0.1/x.yml',
    'http://127.1/x.yml',
    'http://0x7f000001/x.yml',
    'http://2130706433/x.yml',
    'http://[::1]/x.yml',
    'http://[::ffff:127.0.0.1]/x.yml',
    'http://169.254.169.254/latest/meta-data.yml',
    'http://10.0.0.1/x.yml',
    'http://0/x.yml',
  ])('%s is refused', async (address) => {
    expect(await fetchHttp(address, { ...LIMITS, allowedHosts: new Set() })).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('URL is blocked'),
    });
  });

  test('behind a public name is refused, and connected to only when the name is allowed', async () => {
    const { url, seen } = await serve((_, response) => response.end('x'));
    const address = url.replace('127.0.0.1', 'files.example');
    const resolve: HttpLimits['resolve'] = (_, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
    expect(await fetchHttp(address, { ...LIMITS, resolve })).toMatchObject({
      reason: 'URL is blocked: Requests to localhost are not allowed',
    });
    expect(seen).toEqual([]);
    const allowedHosts = new Set(['files.example']);
    expect(await fetchHttp(address, { ...LIMITS, resolve, allowedHosts })).toMatchObject({ kind: 'bytes' });
  });

  test('among public ones, or only when asked again, is refused', async () => {
    const answers = [
      [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
      [{ address: '127.0.0.1', family: 4 }],
    ];
    let asked = 0;
    const resolve: HttpLimits['resolve'] = (_, done) => done(null, answers[asked++] ?? []);
    expect(await fetchHttp('http://files.example/x.yml', { ...LIMITS, resolve })).toMatchObject({
      reason: 'URL is blocked: Requests to the local network are not allowed',
    });
    expect(asked).toBe(1);
  });
});

test.each(['', 'x', 'file:///x', 'http:///x', 'https://', 'http://[x]/'])(
  '%j is no address',
  async (address) => {
    expect(await fetchHttp(address, LIMITS)).toEqual({ kind: 'bad-address' });
  },
);
