import { mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { AppError } from '../base/app-error.ts';

/** Where local runs keep things: by the XDG rules, one folder a project, nothing inside the project itself. */
export interface StateFolders {
  /** Logs and artifacts of past runs, one folder a run, newest last by name. */
  readonly runs: string;
  /** Caches that live on between runs. */
  readonly caches: string;
  /** The project's secrets. */
  readonly secrets: string;
  /** Working copies and temporary files of running jobs; what a killed run leaves here, the next one removes. */
  readonly scratch: string;
}

export function stateFolders(repository: string, environment: NodeJS.ProcessEnv): StateFolders {
  const home = absolute(environment.HOME) ?? homedir();
  const state = join(absolute(environment.XDG_STATE_HOME) ?? join(home, '.local', 'state'), 'slipway');
  const project = projectFolderName(repository);
  return {
    runs: join(state, 'projects', project, 'runs'),
    caches: join(cacheFolder(environment), 'projects', project),
    secrets: join(state, 'projects', project, 'secrets'),
    scratch: join(state, 'scratch'),
  };
}

/** Files of jobs that run for a server. Apart from those of local runs, which keep what a person may step into. */
export function runnerScratchFolder(environment: NodeJS.ProcessEnv): string {
  const home = absolute(environment.HOME) ?? homedir();
  const state = absolute(environment.XDG_STATE_HOME) ?? join(home, '.local', 'state');
  return join(state, 'slipway', 'runner');
}

/** What all projects keep and may lose at any time. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const home = absolute(environment.HOME) ?? homedir();
  return join(absolute(environment.XDG_CACHE_HOME) ?? join(home, '.cache'), 'slipway');
}

/** The XDG rules ignore empty and relative paths: they would lead into the project. */
function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}

/**
 * Makes the folder of a new run and forgets the oldest ones beyond `keep`.
 * @throws AppError `run-folder-not-made`
 */
export async function createRunRecord(runs: string, startedAt: Date, keep: number): Promise<string> {
  const folder = join(runs, `${startedAt.toISOString().replaceAll(':', '-')}-${process.pid}`);
  try {
    await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('run-folder-not-made', `No folder for logs could be made in ${runs}: ${reason}`, {
      cause,
    });
  }
  const older = (await readdir(runs)).sort().slice(0, -keep);
  await Promise.all(older.map((name) => rm(join(runs, name), { recursive: true, force: true })));
  return folder;
}

/** Readable, and different for two folders of the same name. */
function projectFolderName(repository: string): string {
  const name = basename(repository).replaceAll(/[^A-Za-z0-9._-]/g, '-') || 'root';
  // Loaded here because it costs 5 ms, and commands that only look at a pipeline have no state.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `${name}-${createHash('sha256').update(repository).digest('hex').slice(0, 12)}`;
}
