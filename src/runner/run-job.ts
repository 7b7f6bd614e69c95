import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { secondsText } from '../base/duration.ts';
import type { JobSpec } from '../protocol/index.ts';
import type { Executor, JobEnvironment, MountedVolume } from './executor.ts';
import { removeTree } from './folder/remove-tree.ts';
import { NO_OUTPUTS } from './job/collect-outputs.ts';
import { scanCoverage } from './job/coverage.ts';
import { endingOfError, failed, type JobEnding } from './job/job-ending.ts';
import { expandJobVariables, type JobVariables, writeFileVariables } from './job/job-variables.ts';
import { runStages, wantsSources } from './job/run-stages.ts';
import { runnerVariables } from './job/runner-variables.ts';
import { startTimeLimit, type TimeLimit } from './job/time-limit.ts';
import type { JobOutputs, JobResult } from './job-result.ts';
import { keepWorkspace } from './keep/keep-workspace.ts';
import type { WorkspaceKeeper } from './keep/workspace-keeper.ts';
import { createJobLog } from './log/create-job-log.ts';
import type { LogSink } from './log/job-log.ts';
import { type SectionedLog, sectionedLog } from './log/sectioned-log.ts';
import type { ArtifactStore, CacheStore, Workspace, WorkspaceSource } from './ports.ts';

export interface RunJobRequest {
  readonly job: JobSpec;
  readonly executor: Executor;
  readonly workspaces: WorkspaceSource;
  readonly artifacts: ArtifactStore;
  readonly caches: CacheStore;
  /** Gets the masked log; closed when the job has ended. */
  readonly sink: LogSink;
  readonly clock: Clock;
  /** A private folder of this machine; the job gets a folder of its own in it, which is removed at the end. */
  readonly scratchRoot: string;
  /** What the job's `volumes` are; absent: it has none. */
  readonly volumes?: readonly MountedVolume[];
  /** Takes the working copy when the job has ended; absent: nobody wants it. */
  readonly keeper?: WorkspaceKeeper;
  /** Stops everything at once; what the job has made is removed all the same. */
  readonly signal: AbortSignal;
  /** Stops the script; after_script still runs, and the job ends as canceled. */
  readonly cancel: AbortSignal;
}

/**
 * The life of one job, from an empty folder to its result, with GitLab's order and log sections. What a script or the
 * world does wrong is the result's to tell, and the log's; it throws only for mistakes of its own. When it answers, the
 * job has left nothing on the machine but its log, artifacts and caches.
 */
export async function runJob(request: RunJobRequest): Promise<JobResult> {
  const { job, clock, signal, cancel } = request;
  const coverage = scanCoverage(request.sink, job.coverage);
  const plainLog = createJobLog(coverage.sink, clock);
  const secrets = new Set<string>();
  const log = sectionedLog({
    ...plainLog,
    mask(secret) {
      secrets.add(secret);
      plainLog.mask(secret);
    },
  });
  const limit = startTimeLimit(clock, job.timeoutSeconds, [signal, cancel]);
  const resources: Resources = { workspace: null, environment: null, folder: null };
  // "At once" means without the grace that an aborted script has. What disposing says is asked for again at the end.
  const kill = () => void resources.environment?.[Symbol.asyncDispose]().then(undefined, () => undefined);
  signal.addEventListener('abort', kill);
  let ending: JobEnding;
  let outputs: JobOutputs = NO_OUTPUTS;
  try {
    try {
      ({ ending, outputs } = await liveToTheEnd(request, log, limit, resources));
      await keepIfWanted(request, log, resources, ending);
    } finally {
      const problems = await removeResources(resources, request.executor);
      await log.inSection('cleanup_file_variables', 'Cleaning up the job', async () => {
        for (const problem of problems) await log.line(`WARNING: ${problem}`, 'warning');
      });
    }
    await log.line(...lastLine(ending));
    await plainLog.end();
    await request.sink.close();
  } catch (error) {
    // The log itself failed: nobody can be told there, and closing it can only fail again.
    await request.sink.close().catch(() => undefined);
    ending = endingOfError(error);
  } finally {
    signal.removeEventListener('abort', kill);
  }
  return masked(toResult(ending, { ...outputs, coverage: coverage.result() }), secrets);
}

/** What must be gone when the job has ended. */
interface Resources {
  folder: string | null;
  workspace: Workspace | null;
  environment: JobEnvironment | null;
}

async function liveToTheEnd(
  request: RunJobRequest,
  log: SectionedLog,
  limit: TimeLimit,
  resources: Resources,
): Promise<{ readonly ending: JobEnding; readonly outputs: JobOutputs }> {
  try {
    return await liveThrough(request, log, limit, resources);
  } catch (error) {
    return { ending: endingOfInterruption(error, request, limit), outputs: NO_OUTPUTS };
  } finally {
    limit.stop();
  }
}

async function liveThrough(
  request: RunJobRequest,
  log: SectionedLog,
  limit: TimeLimit,
  resources: Resources,
): Promise<{ readonly ending: JobEnding; readonly outputs: JobOutputs }> {
  const { job, executor, signal, cancel, clock, caches, artifacts, workspaces } = request;
  const scratch = join(request.scratchRoot, `job-${job.id}-${randomUUID().slice(0, 8)}`, 'files');
  // Before the first line: what an executor says while it prepares may hold a secret too.
  const unplaced = { defaults: {}, overrides: {}, scratchDir: '' };
  const preliminary = expandJobVariables(job, unplaced);
  maskSecrets(log, preliminary);
  const environment = await log.inSection(
    'prepare_executor',
    `Preparing the "${executor.name}" executor`,
    () => prepareEnvironment(request, { scratch, variables: preliminary.exported }, log, limit, resources),
  );
  const variables = expandJobVariables(job, runnerVariables(job, executor, environment));
  maskSecrets(log, variables);
  await warnAboutVariables(log, variables);
  await writeFileVariables(variables.files, environment.scratch ?? scratch);
  limit.signal.throwIfAborted();
  return await runStages(
    { job, environment, variables, caches, artifacts, log, clock, honours: workspaces.honours ?? NONE },
    { limit, kill: signal, cancel },
  );
}

const NONE: ReadonlySet<string> = new Set();

async function prepareEnvironment(
  { job, executor, workspaces, volumes = [] }: RunJobRequest,
  place: { readonly scratch: string; readonly variables: ReadonlyMap<string, string> },
  log: SectionedLog,
  limit: TimeLimit,
  resources: Resources,
): Promise<JobEnvironment> {
  // A layer is one job's own: what it writes there the others would not see.
  const layered = job.sharedWorkspace === undefined && ((await executor.layersWorkspaces?.()) ?? false);
  const { variables } = place;
  const sources = wantsSources(variables);
  const { signal } = limit;
  const workspace = await workspaces.create({ jobId: job.id, sources, layered, variables, log, signal });
  resources.workspace = workspace;
  if (!layered) {
    resources.folder = join(place.scratch, '..');
    await mkdir(place.scratch, { recursive: true, mode: 0o700 });
  }
  const environment = await executor.prepare({
    job,
    workspace: workspace.path,
    ...(workspace.layer === null ? {} : { layer: workspace.layer }),
    scratch: place.scratch,
    volumes,
    log,
    signal: limit.signal,
  });
  resources.environment = environment;
  return environment;
}

function maskSecrets(log: SectionedLog, { secrets }: JobVariables): void {
  for (const secret of secrets) log.mask(secret);
}

async function warnAboutVariables(log: SectionedLog, variables: JobVariables): Promise<void> {
  for (const name of variables.unmaskable) {
    await log.line(`WARNING: ${name} is shorter than 8 characters and is not masked in this log.`, 'warning');
  }
  for (const name of variables.unusable) {
    await log.line(`WARNING: ${JSON.stringify(name)} is no name that a shell can have; not set.`, 'warning');
  }
}

function endingOfInterruption(error: unknown, request: RunJobRequest, limit: TimeLimit): JobEnding {
  if (request.signal.aborted || request.cancel.aborted) return { kind: 'canceled' };
  if (!limit.isExpired()) return endingOfError(error);
  const { timeoutSeconds } = request.job;
  return failed(
    'job_execution_timeout',
    `The job took longer than the ${secondsText(timeoutSeconds)} it may take.`,
  );
}

/** What cannot be kept is told in the log and does not change how the job ended. */
async function keepIfWanted(
  { keeper, executor, signal }: RunJobRequest,
  log: SectionedLog,
  { environment, workspace }: Resources,
  ending: JobEnding,
): Promise<void> {
  if (keeper === undefined || environment === null || workspace === null) return;
  let folder: string | null = null;
  try {
    folder = await keeper.place(ending.kind);
    if (folder === null) return;
    await keeper.kept(await keepWorkspace({ environment, workspace, executor, folder, log, signal }));
  } catch (error) {
    if (folder !== null) await removeTree(folder);
    const reason = error instanceof Error ? error.message : String(error);
    await log.line(`WARNING: The working copy could not be kept: ${reason}`, 'warning');
  }
}

/** Removes everything, each whatever became of the others; what resists is told, and removed by the next run. */
async function removeResources(resources: Resources, executor: Executor): Promise<readonly string[]> {
  const { environment, workspace, folder } = resources;
  const steps: readonly (() => Promise<void>)[] = [
    async () => await environment?.[Symbol.asyncDispose](),
    async () => {
      if (workspace !== null)
        await reclaiming(executor, workspace.path, async () => await workspace[Symbol.asyncDispose]());
    },
    async () => {
      if (folder !== null) await reclaiming(executor, folder, () => removeTree(folder));
    },
  ];
  const problems: string[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      problems.push(
        `Not everything could be removed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return problems;
}

/** Tries again after the executor has taken back what the job wrote as another user. */
async function reclaiming(executor: Executor, folder: string, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (executor.reclaim === undefined) throw error;
    await executor.reclaim(folder);
    await remove();
  }
}

function lastLine(ending: JobEnding): [string, 'info' | 'warning' | 'error'] {
  if (ending.kind === 'success') return ['Job succeeded', 'info'];
  if (ending.kind === 'canceled') return ['WARNING: Job canceled', 'warning'];
  const reason = ending.exitCode === null ? ending.message : `exit code ${ending.exitCode}`;
  return [`ERROR: Job failed: ${reason}`, 'error'];
}

/** A result is told like a log: in it too a secret may stand, in an image's name or an archive's. */
function masked(result: JobResult, secrets: ReadonlySet<string>): JobResult {
  const longestFirst = [...secrets].sort((one, other) => other.length - one.length);
  const mask = (text: string) =>
    longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '[MASKED]'), text);
  const artifacts = result.outputs.artifacts.map((artifact) => ({
    ...artifact,
    fileName: mask(artifact.fileName),
  }));
  const outputs = { ...result.outputs, artifacts };
  return result.status === 'failed'
    ? { ...result, message: mask(result.message), outputs }
    : { ...result, outputs };
}

function toResult(ending: JobEnding, outputs: JobOutputs): JobResult {
  if (ending.kind !== 'failed') return { status: ending.kind, outputs };
  const { reason, exitCode, message } = ending;
  return { status: 'failed', reason, exitCode, message, outputs };
}
