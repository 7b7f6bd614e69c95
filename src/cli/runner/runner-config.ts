import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { Io } from '../io.ts';
import { parseRunnerConfig } from './parse-runner-config.ts';

/** The runners of this machine, as `slipway runner register` writes them down. */
export interface RunnerConfig {
  /** Names this machine among those that use a runner's token. */
  readonly systemId: string;
  /** How many jobs at once, all runners together; null: as many as there are processors. */
  readonly concurrency: number | null;
  readonly runners: readonly RunnerEntry[];
}

export interface RunnerEntry {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly executor: 'auto' | 'shell' | 'docker';
  /** Of jobs that name none. */
  readonly image: string | null;
  readonly sandbox: boolean;
  readonly privileged: 'auto' | boolean;
  /** Containers get the socket of the engine they run in. */
  readonly engineSocket: boolean;
  /** How many jobs of this runner at once; null: as many as of all together. */
  readonly concurrency: number | null;
  /** A file of certificates to trust besides those of the system. */
  readonly tlsCaFile: string | null;
  /** More of a job's log than this is not sent. */
  readonly logLimitMegabytes: number;
}

/** Where it is: `--config`, or where the XDG rules put it. */
export function runnerConfigPath(io: Io, given: string | undefined): string {
  if (given !== undefined) return resolve(io.folder, given);
  const { XDG_CONFIG_HOME: xdg = '', HOME: home = homedir() } = io.environment;
  return join(isAbsolute(xdg) ? xdg : join(home, '.config'), 'slipway', 'runner.json');
}

/** @throws AppError `bad-runner-config`; null when there is none */
export async function readRunnerConfig(path: string): Promise<RunnerConfig | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('bad-runner-config', `${path} cannot be read: ${reason}.`, { cause });
  }
  return parseRunnerConfig(path, text);
}

export function newRunnerConfig(): RunnerConfig {
  return { systemId: `r_${randomBytes(6).toString('hex')}`, concurrency: null, runners: [] };
}

/** Whole or not at all, and for its owner only: there are tokens in it. */
export async function writeRunnerConfig(path: string, config: RunnerConfig): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(config, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(fresh, 0o600);
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('bad-runner-config', `${path} cannot be written: ${reason}.`, { cause });
  }
}
