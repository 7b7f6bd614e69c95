import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { registerRunner, verifyRunner } from '../../runner/index.ts';
import type { RegisterOptions } from '../commands/runner.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { VERSION } from '../version.ts';
import { refusal } from './ask-failed.ts';
import { readCertificates } from './certificates.ts';
import { givenToken, tokenOrAsk } from './given-token.ts';
import {
  newRunnerConfig,
  type RunnerConfig,
  type RunnerEntry,
  readRunnerConfig,
  runnerConfigPath,
  writeRunnerConfig,
} from './runner-config.ts';

/** What `slipway runner register` does. */
export async function register(io: Io, options: RegisterOptions): Promise<number> {
  const path = runnerConfigPath(io, options.config);
  const config = (await readRunnerConfig(path)) ?? newRunnerConfig();
  const name = options.name ?? hostname();
  if (config.runners.some((runner) => runner.name === name)) {
    throw new AppError('bad-option', `There is a runner "${name}" already.`, {
      hint: `Give another --name, or end that one: slipway runner unregister ${name}`,
    });
  }
  const entry = entryOf(io, name, options);
  const token = await tokenOf(io, options, config, entry);
  await writeRunnerConfig(path, { ...config, runners: [...config.runners, { ...entry, token }] });
  await print(
    io.stdout,
    `The runner "${name}" of ${entry.url} is in ${path}. Start it: slipway runner run\n`,
  );
  return EXIT.success;
}

function entryOf(io: Io, name: string, options: RegisterOptions): Omit<RunnerEntry, 'token'> {
  return {
    name,
    url: options.url.replace(/\/+$/, ''),
    executor: options.executor,
    image: options.image ?? null,
    sandbox: options.sandbox,
    privileged: options.privileged ?? 'auto',
    engineSocket: options.engineSocket === true,
    concurrency: options.concurrency ?? null,
    tlsCaFile: options.tlsCaFile === undefined ? null : resolve(io.folder, options.tlsCaFile),
    logLimitMegabytes: options.logLimit,
  };
}

/** The runner's own token: a new one for a registration token, else the one given, if the server knows it. */
async function tokenOf(
  io: Io,
  options: RegisterOptions,
  { systemId }: RunnerConfig,
  { name, url, executor, tlsCaFile }: Omit<RunnerEntry, 'token'>,
): Promise<string> {
  const certificates = await readCertificates(tlsCaFile);
  const { environment } = io;
  const about = { url, systemId, version: VERSION, executor, environment };
  const question = { ...about, certificates };
  const shared = await givenToken(io, {
    value: options.registrationToken,
    file: options.registrationTokenFile,
    variable: 'SLIPWAY_REGISTRATION_TOKEN',
  });
  if (shared !== null) {
    const made = await registerRunner({ ...question, token: shared }, wantedOf(name, options));
    if (made.kind !== 'registered') throw refusal(url, made);
    return made.token;
  }
  const token = await tokenOrAsk(io, {
    value: options.token,
    file: options.tokenFile,
    variable: 'SLIPWAY_RUNNER_TOKEN',
  });
  const verified = await verifyRunner({ ...question, token });
  if (verified.kind !== 'valid') throw refusal(url, verified);
  return token;
}

function wantedOf(name: string, options: RegisterOptions) {
  const { tag, runUntagged, locked, paused, maximumTimeout } = options;
  return {
    description: name,
    ...(tag.length === 0 ? {} : { tag_list: tag.join(',') }),
    run_untagged: runUntagged ?? tag.length === 0,
    locked: locked ?? false,
    paused: paused ?? false,
    access_level: options.protected === true ? 'ref_protected' : 'not_protected',
    ...(maximumTimeout === undefined ? {} : { maximum_timeout: maximumTimeout }),
  };
}
