import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { parseDuration } from '../base/duration.ts';
import {
  ADMIN_TOKEN_FILE,
  administratorToken,
  noteAddress,
  prettyLog,
  type ServerLog,
  startServer,
  type TraceOptions,
} from '../server/index.ts';
import { chooseColours } from './colours.ts';
import { EXIT } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { defaultConcurrency, runOwnRunner } from './own-runner.ts';
import { dataFolder, type ServerCommandOptions } from './server-options.ts';
import { VERSION } from './version.ts';

/** Runs a server until it is told to end. Answers with the exit code. */
export async function runServer(
  io: Io,
  options: ServerCommandOptions,
  { withRunner }: { readonly withRunner: boolean },
): Promise<number> {
  const data = dataFolder(options, io);
  const database = options.database ?? io.environment.SLIPWAY_DATABASE;
  const stopped = untilStopped();
  await using server = await startServer({
    dataFolder: data,
    host: options.host,
    port: portOf(options.port),
    ...(options.sshPort === undefined ? {} : { sshPort: portOf(options.sshPort) }),
    ...(options.url === undefined ? {} : { url: urlOf(options.url) }),
    ...(database === undefined ? {} : { database }),
    ...(options.storage === undefined ? {} : { blobs: options.storage }),
    allowedHosts: options.allowHost,
    ...(options.lostRunnerAfter === undefined
      ? {}
      : { limits: { silentRunnerMs: millisecondsOf(options.lostRunnerAfter) } }),
    log: { level: levelOf(options.logLevel), write: logWriter(io) },
    ...tracesTo(options, io),
  });
  const { made } = await administratorToken(server.parts, data);
  await noteAddress(data, server.address);
  const lines = [
    `Slipway is up: ${server.url}`,
    `  data   ${data}`,
    `  token  ${join(data, ADMIN_TOKEN_FILE)}${made ? ' (new)' : ''}`,
    ...(server.ssh === null ? [] : [`  ssh    port ${server.ssh.port}, key ${server.ssh.fingerprint}`]),
  ];
  await print(io.stdout, `${lines.join('\n')}\n`);
  if (withRunner) {
    const concurrency = concurrencyOf(options.concurrency);
    const executor = executorOf(options.executor);
    const engineSocket = options.engineSocket === true;
    await runOwnRunner(io, server, { data, concurrency, executor, engineSocket }, stopped);
  } else await stopped;
  return EXIT.success;
}

/** Settles at the first Ctrl-C or SIGTERM; the second ends the process as it would without us. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      // Not `once`: whoever else looks for listeners must see that this signal is dealt with.
      process.on(signal, function asked() {
        if (isAsked) {
          process.off(signal, asked);
          process.kill(process.pid, signal);
        }
        isAsked = true;
        resolve();
      });
    }
  });
}

/** People at a terminal get lines to read, everybody else lines of JSON. */
function logWriter(io: Io): (line: string) => void {
  const write = (line: string) => void io.stderr.write(line);
  return io.stderr.isTTY === true ? prettyLog(write, chooseColours(io, io.stderr, true)) : write;
}

function tracesTo({ otlp }: ServerCommandOptions, { environment }: Io): { readonly traces?: TraceOptions } {
  const endpoint = otlp ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  if (endpoint === '') return {};
  if (!/^https?:\/\/[^\s/]/.test(endpoint)) {
    throw new AppError('otlp-address-invalid', `${endpoint} is no address of a receiver of traces.`, {
      hint: 'Give the address of its HTTP port, as in http://localhost:4318.',
    });
  }
  const headers = headersOf(environment.OTEL_EXPORTER_OTLP_HEADERS ?? '');
  return { traces: { endpoint, headers, version: VERSION } };
}

/** `key=value,key=value`, with percent signs where a value needs them. */
function headersOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A percent sign that is only that.
    return value;
  }
}

function urlOf(text: string): string {
  if (/^https?:\/\/[^/?#\s]+[^?#\s]*$/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new AppError('bad-option', `${text} is no address of a server.`, {
    hint: 'It begins with http:// or https://, as in https://ci.example.com.',
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new AppError('port-invalid', `${text} is no port: it is a number up to 65535.`);
}

function concurrencyOf(text: string | undefined): number {
  if (text === undefined) return defaultConcurrency();
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new AppError('concurrency-invalid', `${text} is no number of jobs: it is from 1 to 9999.`);
}

function millisecondsOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== null && seconds >= LEAST_SILENCE_SECONDS) return seconds * 1000;
  throw new AppError(
    'duration-invalid',
    `${text} is no duration of at least ${LEAST_SILENCE_SECONDS} seconds.`,
  );
}

const LEAST_SILENCE_SECONDS = 30;

const EXECUTORS = ['auto', 'shell', 'docker'] as const;

function executorOf(text: string | undefined): (typeof EXECUTORS)[number] {
  const executor = EXECUTORS.find((known) => known === (text ?? 'auto'));
  if (executor !== undefined) return executor;
  throw new AppError('executor-unknown', `${text} is no executor; there are ${EXECUTORS.join(', ')}.`);
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

function levelOf(text: string): ServerLog['level'] {
  const level = LEVELS.find((known) => known === text);
  if (level !== undefined) return level;
  throw new AppError('log-level-unknown', `${text} is no log level; there are ${LEVELS.join(', ')}.`);
}
