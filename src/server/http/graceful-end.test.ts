import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SERVER_LIMITS } from '../server-options.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

test('a server that ends answers runners that wait, and lets uploads end', async () => {
  const tested = await startTestedServer();
  const { server } = tested;
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  const { json } = await ask(tested);
  const idle = await ask(tested);
  const waiting = ask(tested, idle.headers.get('x-gitlab-last-update') ?? '');
  const upload = await beginUpload(tested, Number(json.id), String(json.token));

  const ended = server[Symbol.asyncDispose]();
  expect((await waiting).status).toBe(204);
  await expect(fetch(`${server.address}/-/health`)).rejects.toThrow();
  upload.end();
  expect(await upload.answer).toMatch(/^HTTP\/1\.1 201 .*Connection: close/is);
  await ended;
});

test('who does not end in time is cut off', async () => {
  const tested = await startTestedServer({ limits: { ...SERVER_LIMITS, endingMs: 200 } });
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  const { json } = await ask(tested);
  await beginUpload(tested, Number(json.id), String(json.token));
  await tested.server[Symbol.asyncDispose]();
});

function ask({ ask: post, runnerToken }: TestedServer, lastUpdate?: string) {
  return post('POST', '/jobs/request', {
    ...{ token: runnerToken, system_id: 's', info: { features: { artifacts: true } } },
    ...(lastUpdate === undefined ? {} : { last_update: lastUpdate }),
  });
}

/** Sends the first part of an artifact; `end` sends the rest. */
async function beginUpload({ server }: TestedServer, id: number, token: string) {
  const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n';
  const [first, last] = [`${part}${'x'.repeat(1000)}`, `${'y'.repeat(1000)}\r\n--b--\r\n`];
  socket.write(
    `POST /api/v4/jobs/${id}/artifacts?artifact_format=zip&artifact_type=archive HTTP/1.1\r\nHost: x\r\n` +
      `JOB-TOKEN: ${token}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${first.length + last.length}\r\n` +
      `Expect: 100-continue\r\n\r\n`,
  );
  // It is being taken when the server says to go on.
  await once(socket, 'data');
  socket.write(first);
  const answer = once(socket, 'data').then(([chunk]) => String(chunk));
  answer.catch(() => undefined);
  return { end: () => socket.write(last), answer };
}
