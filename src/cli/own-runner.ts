import { createHash } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { systemClock } from '../base/clock.ts';
import { type RunnerEvent, runRemoteRunner } from '../runner/index.ts';
import { ownRunnerToken, type RunningServer } from '../server/index.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

export interface OwnRunnerOptions {
  /** The server's data folder. */
  readonly data: string;
  readonly concurrency: number;
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly engineSocket: boolean;
}

/**
 * Runs the server's jobs on its own machine until `stopped`: a client of the same protocol as any other runner. Jobs that
 * run then are handed back, so that they run again when the server is up again.
 */
export async function runOwnRunner(
  io: Io,
  server: RunningServer,
  { data, concurrency, executor, engineSocket }: OwnRunnerOptions,
  stopped: Promise<void>,
): Promise<void> {
  const handBack = new AbortController();
  void stopped.then(() => handBack.abort());
  const end = await runRemoteRunner({
    url: server.address,
    token: await ownRunnerToken(server.parts, data),
    systemId: systemIdOf(data),
    concurrency,
    version: VERSION,
    executor,
    defaultImage: null,
    sandbox: 'auto',
    privileged: 'auto',
    engineSocket,
    certificates: null,
    logLimitBytes: LOG_LIMIT_BYTES,
    scratchRoot: join(data, 'runner', 'scratch'),
    cacheFolder: join(data, 'runner', 'cache'),
    environment: io.environment,
    clock: systemClock,
    random: Math.random,
    listener: (event) => tell(io, event),
    drain: new AbortController().signal,
    handBack: handBack.signal,
    abandon: new AbortController().signal,
  });
  if (end.kind === 'refused') {
    throw new AppError('runner-refused', `The server does not take its own runner: ${end.reason}.`);
  }
}

/** Two jobs on a small machine: one of them mostly waits. */
export function defaultConcurrency(): number {
  return Math.max(2, availableParallelism());
}

const LOG_LIMIT_BYTES = 100 * 1024 * 1024;

/** The same for the same folder of the same machine. */
function systemIdOf(data: string): string {
  return `s_${createHash('sha256').update(`${hostname()}\0${data}`).digest('hex').slice(0, 12)}`;
}

/** Jobs need some seconds to end: whoever has pressed Ctrl-C is told what he waits for. */
function stopWords(jobs: number): string {
  if (jobs === 0) return 'Stopping.';
  return `Giving ${jobs === 1 ? 'a job' : `${jobs} jobs`} back, to run when the server is up again.`;
}

function tell(io: Io, event: RunnerEvent): void {
  if (event.type === 'defect') io.stderr.write(`slipway: a job could not be run: ${String(event.error)}\n`);
  if (event.type === 'draining') io.stderr.write(`${stopWords(event.jobs)} Once more to end at once.\n`);
}
