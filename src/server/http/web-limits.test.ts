import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SERVER_LIMITS, type ServerLimits } from '../server-options.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const HEAD = 'Host: x\r\nContent-Type: application/json\r\n';

describe('who does not end what he begins is let go', () => {
  const slow: readonly (readonly [string, string])[] = [
    ['a connection on which nothing comes', ''],
    ['a head that never ends', 'POST /api/v4/jobs/request HTTP/1.1\r\nHost: x\r\nX-A: '],
    ['a body that never ends', `POST /api/v4/jobs/request HTTP/1.1\r\n${HEAD}Content-Length: 1000\r\n\r\n{`],
    [
      'chunks that never end',
      `POST /api/v4/jobs/request HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n`,
    ],
    ['a body of a page that is not there', `POST /nowhere HTTP/1.1\r\n${HEAD}Content-Length: 1000\r\n\r\n{`],
  ];

  test.each(slow)('%s', async (_, text) => {
    const tested = await limited({ headMs: 300, bodyMs: 300 });
    const socket = await open(tested);
    socket.write(text);
    // Something comes all the time, so that it is not the silence that ends it.
    const drip = setInterval(() => socket.writable && text !== '' && socket.write('a'), 50);
    onTestFinished(() => clearInterval(drip));
    await closed(socket);
    expect((await fetch(`${tested.server.address}/-/health`)).status).toBe(200);
  });

  test('and a thousand who say nothing keep nobody out', async () => {
    const tested = await limited({ headMs: 2000 });
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => open(tested)));
    const started = performance.now();
    expect((await fetch(`${tested.server.address}/-/health`)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(2000);
    await Promise.all(sockets.map(closed));
  });

  test('connections beyond the limit are turned away, and the others are served', async () => {
    const tested = await limited({ connections: 5, headMs: 60_000 });
    const first = await open(tested);
    for (let count = 0; count < 4; count += 1) await open(tested);
    await closed(await open(tested));
    first.write('GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await answer(first)).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe('what is too large is refused before it is read', () => {
  test('a body that says so', async () => {
    const tested = await limited({});
    const socket = await open(tested);
    socket.write(`POST /api/v4/jobs/request HTTP/1.1\r\n${HEAD}Content-Length: 9000000000\r\n\r\n`);
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 413/);
  });

  test('a body in chunks that does not say so', async () => {
    const tested = await limited({});
    const socket = await open(tested);
    socket.write(`POST /api/v4/jobs/request HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    socket.on('error', () => undefined);
    let sent = 0;
    const writer = setInterval(() => {
      if (!socket.writable) return;
      sent += chunk.length;
      socket.write(chunk);
    }, 5);
    onTestFinished(() => clearInterval(writer));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 413/);
    expect(sent).toBeLessThan(50_000_000);
    clearInterval(writer);
  });

  test('a head', async () => {
    const tested = await limited({});
    const socket = await open(tested);
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 431/);
  });
});

describe('a request that two servers could read in two ways is refused', () => {
  const smuggled: readonly (readonly [string, string])[] = [
    [
      'a length and chunks',
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /-/metrics HTTP/1.1\r\n',
    ],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 40\r\n\r\n'],
    ['a length that is no number', 'Content-Length: +4\r\n\r\n'],
    ['an encoding that nobody knows', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['chunks that are not the last encoding', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a header that goes on in the next line', 'X: a\r\n b: c\r\nTransfer-Encoding:\r\n chunked\r\n\r\n'],
    ['a chunk whose length is no number', 'Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n'],
    ['a line feed alone', 'X: a\nContent-Length: 3\r\n\r\nabc'],
  ];

  test.each(smuggled)('%s', async (_, rest) => {
    const tested = await limited({ bodyMs: 1000 });
    const socket = await open(tested);
    socket.write(
      `POST /api/v4/jobs/request HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${rest}`,
    );
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 400/);
    // Nothing that stood behind it was taken for another request.
    const all = await restOf(socket);
    expect(all.match(/HTTP\/1\.1/g) ?? []).toHaveLength(0);
  });
});

function limited(limits: Partial<ServerLimits>): Promise<TestedServer> {
  return startTestedServer({ limits: { ...SERVER_LIMITS, ...limits } });
}

async function open({ server }: TestedServer): Promise<Socket> {
  const { port } = new URL(server.address);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  // Also by a reset: then something was still on its way to the server.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function answer(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

async function restOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await closed(socket);
  return text;
}
