import { mkdir, rename } from 'node:fs/promises';
import { packFiles } from '../archive/pack-files.ts';
import { selectFiles } from '../archive/select-files.ts';
import { unpackFiles } from '../archive/unpack-files.ts';
import type { Executor, JobEnvironment } from '../executor.ts';
import type { JobLog } from '../log/job-log.ts';
import type { Workspace } from '../ports.ts';
import type { KeptWorkspace } from './workspace-keeper.ts';

export interface KeepRequest {
  readonly environment: JobEnvironment;
  readonly workspace: Workspace;
  readonly executor: Executor;
  /** The folder to be made. */
  readonly folder: string;
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/**
 * Keeps a job's working copy as its scripts left it, `.git` included. One that is a folder of its own is moved, after
 * the environment is gone; one that exists only as the job's layer is copied out of its environment while that stands.
 * The copy follows no link and asks git nothing, because both are the job's to shape.
 * @throws AppError as packing and unpacking do; the system's errors.
 */
export async function keepWorkspace(request: KeepRequest): Promise<KeptWorkspace> {
  const { workspace, folder } = request;
  if (workspace.layer !== null) {
    await copyOut(request);
    return { folder, references: workspace.layer.references };
  }
  await request.environment[Symbol.asyncDispose]();
  // What containers wrote as root could later be removed by nobody else.
  if (process.getuid?.() !== 0) await request.executor.reclaim?.(workspace.path);
  await rename(workspace.path, folder);
  return { folder, references: [] };
}

async function copyOut({ environment, folder, log, signal }: KeepRequest): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const everything = { paths: ['.'], exclude: [], untracked: false };
  const { workspace } = environment;
  const [selection] = await selectFiles({ workspace, requests: [everything], withGit: true, signal });
  if (selection === undefined) return;
  const packed = packFiles({ workspace, entries: selection.entries, signal });
  const limits = WHATEVER_IS_THERE;
  await unpackFiles({ archive: packed.archive, folder, limits, withGit: true, signal });
  for (const warning of [...selection.warnings, ...packed.tally().warnings]) {
    await log.line(`WARNING: ${warning}`, 'warning');
  }
}

/** The job could fill the disk before, too. */
const WHATEVER_IS_THERE = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
