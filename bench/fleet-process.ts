import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import type { FleetOrder, FleetReport, GivenJob } from './fleet.ts';

/** Runners that do nothing but ask for jobs and say that they are done; a process of them. Ends with its parent. */
process.on('disconnect', () => process.exit(0));
process.once('message', (order: FleetOrder) => void run(order));

let given: GivenJob[] = [];
let done = 0;

async function run(order: FleetOrder): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (let number = 0; number < order.runners; number += 1) {
    const socket = connect(Number(new URL(order.address).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    const isWaiting = Promise.withResolvers<void>();
    waiting.push(isWaiting.promise);
    work(socket, order, `${order.name}_${number}`, isWaiting.resolve).catch((error: unknown) => {
      process.stderr.write(`A runner has failed: ${error}\n`);
      process.exit(1);
    });
  }
  await Promise.all(waiting);
  report({ type: 'ready' });
  setInterval(() => {
    report({ type: 'jobs', given, done });
    given = [];
  }, 20);
}

function report(message: FleetReport): void {
  process.send?.(message);
}

async function work(socket: Socket, order: FleetOrder, system: string, waits: () => void): Promise<void> {
  const ask = exchangeOver(socket);
  const log = Buffer.from(order.log);
  const output = { bytesize: log.length, checksum: `crc32:${crc32(log).toString(16).padStart(8, '0')}` };
  let lastUpdate = '';
  for (;;) {
    const body = { token: order.token, system_id: system, last_update: lastUpdate, info: INFO };
    const asked = ask(requestText('POST', '/jobs/request', JSON.stringify(body)));
    if (lastUpdate !== '') waits();
    const answer = await asked;
    lastUpdate = /x-gitlab-last-update: (\S+)/i.exec(answer.head)?.[1] ?? lastUpdate;
    if (answer.status === 204) continue;
    const at = performance.timeOrigin + performance.now();
    expectStatus(answer, 201);
    const job: { readonly id: number; readonly token: string } = JSON.parse(answer.body);
    given.push([job.id, at]);
    if (log.length > 0) {
      const range = `JOB-TOKEN: ${job.token}\r\nContent-Range: 0-${log.length - 1}\r\n`;
      const sent = requestText('PATCH', `/jobs/${job.id}/trace`, order.log, 'text/plain', range);
      expectStatus(await ask(sent), 202);
    }
    const end = JSON.stringify({ token: job.token, state: 'success', output });
    expectStatus(await ask(requestText('PUT', `/jobs/${job.id}`, end)), 200);
    done += 1;
  }
}

const INFO = {
  name: 'plain',
  features: { variables: true, artifacts: true, cache: true, return_exit_code: true, trace_checksum: true },
};

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

function expectStatus({ status, body }: Answer, wanted: number): void {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${body}`);
}

/** A function that sends a request and answers with what comes back: one at a time. */
function exchangeOver(socket: Socket): (request: string) => Promise<Answer> {
  let waiting = Promise.withResolvers<Answer>();
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = text.slice(0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (text.length < headEnd + 4 + length) return;
    const answer = { status: Number(head.slice(9, 12)), head, body: text.slice(headEnd + 4) };
    text = '';
    waiting.resolve(answer);
  });
  socket.on('close', () => waiting.reject(new Error('The server has closed a connection')));
  return (request) => {
    waiting = Promise.withResolvers<Answer>();
    socket.write(request, 'latin1');
    return waiting.promise;
  };
}

function requestText(
  method: string,
  path: string,
  body: string,
  type = 'application/json',
  more = '',
): string {
  const length = `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
  return `${method} /api/v4${path} HTTP/1.1\r\nHost: localhost\r\n${length}${more}\r\n${body}`;
}
