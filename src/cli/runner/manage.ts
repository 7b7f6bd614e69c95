import { AppError } from '../../base/app-error.ts';
import { printable } from '../../base/printable.ts';
import { unregisterRunner, verifyRunner } from '../../runner/index.ts';
import type { ConfigOptions, UnregisterOptions } from '../commands/runner.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { VERSION } from '../version.ts';
import { refusal } from './ask-failed.ts';
import { readCertificates } from './certificates.ts';
import {
  type RunnerConfig,
  type RunnerEntry,
  readRunnerConfig,
  runnerConfigPath,
  writeRunnerConfig,
} from './runner-config.ts';

/** What `slipway runner list` does: no tokens. */
export async function listRunners(io: Io, options: ConfigOptions): Promise<number> {
  const { runners } = await configOf(io, options);
  const width = Math.max(0, ...runners.map(({ name }) => name.length));
  const lines = runners.map(({ name, url, executor }) => `${name.padEnd(width)}  ${url}  ${executor}\n`);
  await print(io.stdout, lines.join(''));
  return EXIT.success;
}

/** What `slipway runner verify` does: asks about each, and fails when one is not known. */
export async function verifyRunners(
  io: Io,
  name: string | undefined,
  options: ConfigOptions,
): Promise<number> {
  const config = await configOf(io, options);
  let exitCode: number = EXIT.success;
  for (const runner of chosen(config, name)) {
    const answer = await verifyRunner(await questionOf(io, config, runner));
    const isValid = answer.kind === 'valid';
    const words = isValid ? 'the server knows it' : refusal(runner.url, answer).message;
    await print(isValid ? io.stdout : io.stderr, `${runner.name}: ${printable(words)}\n`);
    if (!isValid) exitCode = EXIT.failed;
  }
  return exitCode;
}

/** What `slipway runner unregister` does. A token that the server does not know any more is forgotten here all the same. */
export async function unregisterRunners(
  io: Io,
  name: string | undefined,
  options: UnregisterOptions,
): Promise<number> {
  if ((name === undefined) === (options.all !== true)) {
    throw new AppError('bad-option', 'Name a runner, or give --all.', { hint: 'slipway runner list' });
  }
  let config = await configOf(io, options);
  for (const runner of chosen(config, name)) {
    const answer = await unregisterRunner(await questionOf(io, config, runner));
    if (answer.kind === 'away') throw refusal(runner.url, answer);
    config = { ...config, runners: config.runners.filter((each) => each.name !== runner.name) };
    await writeRunnerConfig(runnerConfigPath(io, options.config), config);
    await print(io.stdout, `${runner.name} is removed.\n`);
  }
  return EXIT.success;
}

async function configOf(io: Io, options: ConfigOptions): Promise<RunnerConfig> {
  const path = runnerConfigPath(io, options.config);
  const config = await readRunnerConfig(path);
  if (config !== null) return config;
  throw new AppError('no-runner', `No runner is written down in ${path}.`, {
    hint: 'Register one: slipway runner register --url https://ci.example.com',
  });
}

function chosen({ runners }: RunnerConfig, name: string | undefined): readonly RunnerEntry[] {
  if (name === undefined) return runners;
  const found = runners.filter((runner) => runner.name === name);
  if (found.length > 0) return found;
  throw new AppError('no-runner', `There is no runner "${name}".`, { hint: 'slipway runner list' });
}

async function questionOf(io: Io, { systemId }: RunnerConfig, runner: RunnerEntry) {
  const { url, token, executor, tlsCaFile } = runner;
  const certificates = await readCertificates(tlsCaFile);
  const about = { url, token, systemId, version: VERSION, executor, environment: io.environment };
  return { ...about, certificates };
}
