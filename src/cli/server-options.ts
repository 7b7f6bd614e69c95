import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../base/app-error.ts';
import type { ServerPlaces } from '../server/index.ts';
import type { Io } from './io.ts';
import { collect } from './pipeline-options.ts';

/** What `slipway up` and `slipway server` take. */
export interface ServerCommandOptions extends PlaceOptions {
  readonly host: string;
  readonly port: string;
  readonly sshPort?: string;
  readonly url?: string;
  readonly allowHost: readonly string[];
  readonly logLevel: string;
  readonly lostRunnerAfter?: string;
  readonly otlp?: string;
  /** Of `slipway up` alone. */
  readonly concurrency?: string;
  readonly executor?: string;
  readonly engineSocket?: boolean;
}

export interface PlaceOptions {
  readonly data?: string;
  readonly database?: string;
  readonly storage?: string;
}

export const DEFAULT_PORT = 8800;

export function addServerOptions(command: Command): Command {
  return addPlaceOptions(command)
    .option('--host <ADDRESS>', 'the address to listen at; 0.0.0.0 is all of them', '127.0.0.1')
    .option('--port <PORT>', 'the port to listen at', String(DEFAULT_PORT))
    .option('--ssh-port <PORT>', 'serve git over SSH, too, at this port (default: only over HTTP)')
    .option('--url <URL>', 'how people and runners reach the server (default: host and port)')
    .option('--allow-host <NAME>', 'includes may be fetched from this host in your own network', collect, [])
    .option(
      '--lost-runner-after <DURATION>',
      'give up jobs whose runner is silent for so long (default: 10 minutes)',
    )
    .option('--log-level <LEVEL>', 'debug, info, warn or error', 'info')
    .option('--otlp <URL>', 'where traces of pipelines are sent (OTEL_EXPORTER_OTLP_ENDPOINT)');
}

/** Where a server keeps what it keeps: for all commands that work on it. */
export function addPlaceOptions(command: Command): Command {
  return command
    .option('--data <FOLDER>', 'where everything is kept (default: slipway/server in your state folder)')
    .option('--database <URL>', 'postgres://… instead of a file in the data folder (SLIPWAY_DATABASE)')
    .option('--storage <PLACE>', 's3://BUCKET/… for logs and artifacts instead of the data folder');
}

/** The places that are meant. */
export function serverPlaces(options: PlaceOptions, io: Io): ServerPlaces {
  return {
    dataFolder: dataFolder(options, io),
    database: options.database ?? io.environment.SLIPWAY_DATABASE,
    blobs: options.storage,
  };
}

/** The data folder that is meant, absolute. Throws AppError `bad-option`. */
export function dataFolder({ data }: Pick<ServerCommandOptions, 'data'>, io: Io): string {
  // Of a variable that is not set, most often.
  if (data === '') throw new AppError('bad-option', 'The folder of --data is empty.');
  if (data !== undefined) return isAbsolute(data) ? data : join(io.folder, data);
  const { SLIPWAY_DATA, XDG_STATE_HOME, HOME } = io.environment;
  if (SLIPWAY_DATA !== undefined && isAbsolute(SLIPWAY_DATA)) return SLIPWAY_DATA;
  const state =
    XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)
      ? XDG_STATE_HOME
      : join(HOME ?? homedir(), '.local', 'state');
  return join(state, 'slipway', 'server');
}
