import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { Clock } from '../base/clock.ts';
import {
  createExecutors,
  createJobLog,
  createRunFolder,
  listRunFolders,
  removeTree,
  type StepIntoJobRequest,
  stepIntoJob,
} from '../runner/index.ts';
import { KEPT_FOLDER, type KeptJob, readKeptJobs, WORKSPACE } from './kept-job.ts';
import { standsFor } from './select-jobs.ts';
import type { StateFolders } from './state-folders.ts';

export interface StepIntoRequest
  extends Pick<StepIntoJobRequest, 'terminal' | 'terminalType' | 'command' | 'onEntered' | 'signal'> {
  readonly repository: string;
  /** A job's name; of a parallel job also the name in the file. */
  readonly job: string;
  /** `auto`: where the job ran. */
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly folders: StateFolders;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/**
 * Lets a person into the newest kept job of this name, and answers with the exit code of their shell or command. What
 * they do to the working copy stays, until the next run.
 *
 * @throws AppError `no-kept-job`, `kept-job-in-use`; and when the environment cannot be made.
 */
export async function stepInto(request: StepIntoRequest): Promise<number> {
  const { terminal, clock, folders, signal } = request;
  const found = await newestKeptJob(request);
  const own = await createRunFolder(folders.scratch);
  const folder = await takeOver(found, join(own.path, VISITED_FOLDER));
  if (folder === null) {
    await own[Symbol.asyncDispose]();
    throw inUse(request.job);
  }
  const visit = join(own.path, 'visit');
  const scratch = join(visit, 'files');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const { job } = found;
  const { sandbox, privileged, engineSocket } = job;
  const settings = { ...request, sandbox, privileged, engineSocket, defaultImage: null };
  const masked = createJobLog({ write: writerTo(terminal.error), close: () => Promise.resolve() }, clock);
  const log = { ...masked, line: (text: string) => masked.line(text) };
  const executors = createExecutors(settings, visit);
  try {
    return await stepIntoJob({
      job: job.spec,
      executor: executors.of(request.executor === 'auto' ? job.executor : request.executor),
      workspace: { folder: join(folder, WORKSPACE), references: job.references },
      scratch,
      terminal,
      terminalType: request.terminalType,
      command: request.command,
      log,
      onEntered: request.onEntered,
      signal,
    });
  } finally {
    await log.end();
    await executors[Symbol.asyncDispose]();
    await removeTree(visit);
  }
}

/** In the folder of a visit, whose owner is the visitor: the job that nobody else may step into meanwhile. */
const VISITED_FOLDER = 'visited';

interface FoundJob {
  readonly folder: string;
  readonly job: KeptJob;
  readonly inUse: boolean;
}

async function newestKeptJob({ folders, repository, job: wanted }: StepIntoRequest): Promise<FoundJob> {
  const kept = (await allKeptJobs(folders.scratch)).filter(({ job }) => job.repository === repository);
  const named = kept
    .filter(({ job }) => standsFor(wanted, job.spec.name) || fullName(job) === wanted)
    .sort((one, other) => other.job.endedAt - one.job.endedAt);
  const newest = named.find(({ inUse: used }) => !used);
  if (newest !== undefined) return newest;
  if (named.length > 0) throw inUse(wanted);
  const others = [...new Set(kept.map(({ job }) => `'${job.spec.name}'`))];
  const also = others.length === 0 ? '' : ` Kept are: ${others.slice(0, 5).join(', ')}.`;
  throw new AppError('no-kept-job', `No job '${wanted}' of this project is kept.`, {
    hint: `Keep it first: slipway run ${wanted} --keep.${also} A job with secrets cannot be kept, nor one that shares its working copy, as steps of Cloud Build do.`,
  });
}

async function allKeptJobs(scratch: string): Promise<readonly FoundJob[]> {
  const runs = await listRunFolders(scratch);
  const found = await Promise.all(
    runs.map(async ({ path, abandoned }) => {
      const kept = await readKeptJobs(join(path, KEPT_FOLDER));
      const visited = await readKeptJobs(join(path, VISITED_FOLDER));
      return [
        ...kept.map((job) => ({ ...job, inUse: false })),
        ...visited.map((job) => ({ ...job, inUse: !abandoned })),
      ];
    }),
  );
  return found.flat();
}

/** One step, so that of two visitors one gets it, and a run that starts now sees that it has an owner. */
async function takeOver({ folder }: FoundJob, visited: string): Promise<string | null> {
  await mkdir(visited, { mode: 0o700 });
  const own = join(visited, basename(folder));
  try {
    await rename(folder, own);
    return own;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function inUse(name: string): AppError {
  return new AppError('kept-job-in-use', `Somebody is in the job '${name}' already.`, {
    hint: 'End the other `slipway shell` first.',
  });
}

function fullName({ within, spec }: KeptJob): string {
  return [...within, spec.name].join(' / ');
}

function writerTo(stream: NodeJS.WritableStream): (bytes: Uint8Array) => Promise<void> {
  return (bytes) => new Promise((resolve) => stream.write(bytes, () => resolve()));
}
