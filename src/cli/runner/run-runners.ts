import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { systemClock } from '../../base/clock.ts';
import { parseDuration } from '../../base/duration.ts';
import { cacheFolder, runnerScratchFolder } from '../../local/index.ts';
import { createJobRoom, type JobRoom, type RemoteRunnerEnd, runRemoteRunner } from '../../runner/index.ts';
import type { RunOptions } from '../commands/runner.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { VERSION } from '../version.ts';
import { readCertificates } from './certificates.ts';
import { tokenOrAsk } from './given-token.ts';
import {
  newRunnerConfig,
  type RunnerConfig,
  type RunnerEntry,
  readRunnerConfig,
  runnerConfigPath,
} from './runner-config.ts';
import { showRunnerEvents } from './show-runner-events.ts';
import { listenForStops, type Stops } from './stops.ts';

/** What `slipway runner run` does. Answers with the exit code when all runners have ended. */
export async function runRunners(io: Io, options: RunOptions): Promise<number> {
  const config = await configOf(io, options);
  const drainMs = drainTimeoutMs(options.drainTimeout);
  const room = createJobRoom(options.concurrency ?? config.concurrency ?? availableParallelism());
  const stops = listenForStops(io, drainMs);
  try {
    const ends = await Promise.all(
      config.runners.map((runner) => runOne(io, options, { config, runner, room, stops })),
    );
    if (stops.handBack.aborted) return EXIT.interrupted;
    return ends.every(({ kind }) => kind === 'refused') ? EXIT.failed : EXIT.success;
  } finally {
    stops.end();
  }
}

/** The runners that are written down, or the one that the options describe. */
async function configOf(io: Io, options: RunOptions): Promise<RunnerConfig> {
  const path = runnerConfigPath(io, options.config);
  if (options.url === undefined) {
    const config = await readRunnerConfig(path);
    if (config !== null && config.runners.length > 0) return config;
    throw new AppError('no-runner', `No runner is written down in ${path}.`, {
      hint: 'Register one (slipway runner register), or give --url and a token.',
    });
  }
  const token = await tokenOrAsk(io, {
    value: options.token,
    file: options.tokenFile,
    variable: 'SLIPWAY_RUNNER_TOKEN',
  });
  const runner: RunnerEntry = {
    name: 'runner',
    url: options.url,
    token,
    executor: options.executor,
    image: options.image ?? null,
    sandbox: options.sandbox,
    privileged: options.privileged ?? 'auto',
    engineSocket: options.engineSocket === true,
    concurrency: null,
    tlsCaFile: options.tlsCaFile === undefined ? null : resolve(io.folder, options.tlsCaFile),
    logLimitMegabytes: options.logLimit,
  };
  return { ...newRunnerConfig(), runners: [runner] };
}

function drainTimeoutMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = parseDuration(text);
  if (seconds !== null) return seconds * 1000;
  throw new AppError(
    'bad-option',
    `--drain-timeout is a time such as 90s or 10m, not ${JSON.stringify(text)}.`,
  );
}

interface RunParts {
  readonly config: RunnerConfig;
  readonly runner: RunnerEntry;
  readonly room: JobRoom;
  readonly stops: Stops;
}

async function runOne(
  io: Io,
  { json }: RunOptions,
  { config, runner, room, stops }: RunParts,
): Promise<RemoteRunnerEnd> {
  const name = config.runners.length > 1 ? runner.name : null;
  const show = showRunnerEvents(io, { json: json === true, name, now: () => new Date() });
  const end = await runRemoteRunner({
    url: runner.url,
    token: runner.token,
    systemId: config.systemId,
    concurrency: runner.concurrency ?? Number.POSITIVE_INFINITY,
    room,
    version: VERSION,
    executor: runner.executor,
    defaultImage: runner.image,
    sandbox: runner.sandbox ? 'auto' : 'off',
    privileged: runner.privileged,
    engineSocket: runner.engineSocket,
    certificates: await readCertificates(runner.tlsCaFile),
    logLimitBytes: runner.logLimitMegabytes * 1024 * 1024,
    scratchRoot: runnerScratchFolder(io.environment),
    cacheFolder: join(cacheFolder(io.environment)),
    environment: { ...io.environment },
    clock: systemClock,
    random: Math.random,
    listener: show,
    drain: stops.drain,
    handBack: stops.handBack,
    abandon: stops.abandon,
  });
  if (end.kind === 'refused') show({ type: 'refused', reason: end.reason });
  return end;
}
