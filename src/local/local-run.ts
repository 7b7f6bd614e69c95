import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { Clock } from '../base/clock.ts';
import type { PipelineContext, Sources } from '../config/index.ts';
import type { BuildJob, PipelineStatus, Plan } from '../pipeline/index.ts';
import {
  createDockerExecutor,
  createFolderArtifactStore,
  createFolderCacheStore,
  createLocalWorkspaces,
  createRunFolder,
  createShellExecutor,
  DOCKER_DEFAULTS,
  type Executor,
  removeAbandonedContainers,
  removeAbandonedRuns,
} from '../runner/index.ts';
import { createJobSlots } from './job-slots.ts';
import { runPipeline } from './pipeline-run.ts';
import { createResourceLocks } from './resource-locks.ts';
import type { RunListener } from './run-events.ts';
import type { RunHost } from './run-host.ts';
import { instancesOf } from './select-jobs.ts';
import { createRunRecord, type StateFolders } from './state-folders.ts';

export interface LocalRunRequest {
  readonly repository: string;
  readonly plan: Plan;
  readonly context: PipelineContext;
  readonly sources: Sources;
  /** `auto`: containers for the jobs that name an image, this machine's shell for the others. */
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly defaultImage: string | null;
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  /** How many jobs at once. */
  readonly concurrency: number;
  /** Manual jobs to play when their time comes. */
  readonly manual: readonly string[];
  readonly includeUncommitted: boolean;
  /** Leave the working copies where they are. */
  readonly keep: boolean;
  readonly folders: StateFolders;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly listener: RunListener;
  /** End gracefully: after_script still runs. */
  readonly cancel: AbortSignal;
  /** End at once. */
  readonly kill: AbortSignal;
}

export interface LocalRunResult {
  readonly status: PipelineStatus;
  /** Everything passed: the pipeline, and every child pipeline whether a job answers for it or not. */
  readonly passed: boolean;
  /** Logs and artifacts of the run. */
  readonly record: string;
}

/**
 * Runs a plan on this machine, from the first job to the last, and tells the listener all that happens. What earlier,
 * killed runs left behind is removed first; what this run makes is removed at its end, but for logs, artifacts, caches.
 *
 * @throws AppError when the run cannot start: no Docker engine where one is needed, a folder that cannot be written.
 */
export async function runLocally(request: LocalRunRequest): Promise<LocalRunResult> {
  const { plan, context, folders, clock, listener } = request;
  setMaxListeners(0, request.cancel, request.kill);
  await removeAbandonedRuns(folders.scratch);
  await removeLeftovers(request);
  const [runFolder, record] = await Promise.all([
    createRunFolder(folders.scratch),
    createRunRecord(folders.runs, new Date(clock.now()), KEPT_RUNS),
  ]);
  try {
    const host = await createHost(request, runFolder.path, record);
    const startedAt = clock.now();
    await listener({
      type: 'pipeline-started',
      within: [],
      name: plan.name,
      ref: context.ref.name,
      sha: context.commit.sha,
      stages: plan.stages,
      jobs: plan.jobs.map(({ name, stage, kind }) => ({ name, stage, kind })),
    });
    const result = await runPipeline(host, {
      plan,
      context,
      sources: request.sources,
      within: [],
      played: playedJobs(plan, request.manual),
      cancel: request.cancel,
      onStatus: () => undefined,
    });
    const seconds = (clock.now() - startedAt) / 1000;
    const status = result.status === 'success' && result.detachedFailure ? 'failed' : result.status;
    await listener({ type: 'pipeline-finished', within: [], status, seconds });
    return { status, passed: status === 'success', record };
  } finally {
    if (request.keep) await tellKept(request, runFolder.path);
    else await runFolder[Symbol.asyncDispose]();
  }
}

/**
 * A name stands for all instances of a parallel job. One that is not in this pipeline may be in a child, whose jobs
 * nobody knows yet.
 */
function playedJobs(plan: Plan, names: readonly string[]): ReadonlySet<string> {
  const mayHaveChildren = plan.jobs.some((job) => job.kind === 'bridge');
  return new Set(
    names.flatMap((name) => {
      const known = plan.jobs.some((job) => job.name === name);
      return known || mayHaveChildren ? [name] : instancesOf(plan, name);
    }),
  );
}

/** Runs whose logs and artifacts are kept, the newest first. */
const KEPT_RUNS = 20;

async function createHost(request: LocalRunRequest, runFolder: string, record: string): Promise<RunHost> {
  const { repository, context, clock, folders } = request;
  const workspaces = await createLocalWorkspaces({
    repository,
    commit: /^0+$/.test(context.commit.sha) ? null : context.commit.sha,
    includeUncommitted: request.includeUncommitted,
    runFolder,
  });
  let jobs = 0;
  let pipelines = context.pipeline.id;
  return {
    repository,
    executorFor: executorChoice(request, runFolder),
    workspaces,
    artifacts: createFolderArtifactStore(join(record, 'artifacts')),
    caches: createFolderCacheStore(folders.caches),
    slots: createJobSlots(request.concurrency),
    resources: createResourceLocks(),
    clock,
    listener: request.listener,
    logFolder: join(record, 'logs'),
    scratchRoot: runFolder,
    defaultImage: request.defaultImage,
    nextJobId: () => ++jobs,
    nextPipelineId: () => ++pipelines,
    cancel: request.cancel,
    kill: request.kill,
  };
}

/** Each executor is made when the first job wants it, and then shared. */
function executorChoice(request: LocalRunRequest, runFolder: string): (job: BuildJob) => Executor {
  const { clock, sandbox } = request;
  let shell: Executor | null = null;
  let docker: Executor | null = null;
  return (job) => {
    if (runsInContainer(request, job)) {
      docker ??= createDockerExecutor({
        ...DOCKER_DEFAULTS,
        runId: `${process.pid}-${clock.now().toString(36)}`,
        env: request.environment,
        clock,
        defaultImage: request.defaultImage,
        privileged: request.privileged,
      });
      return docker;
    }
    shell ??= createShellExecutor({ sandbox, scratchRoot: runFolder, clock });
    return shell;
  };
}

function runsInContainer({ executor, defaultImage }: LocalRunRequest, job: BuildJob): boolean {
  if (executor !== 'auto') return executor === 'docker';
  return job.image !== null || defaultImage !== null;
}

/** Only a run that uses the engine asks it; one whose engine is away fails later, at the job that needs it. */
async function removeLeftovers(request: LocalRunRequest): Promise<void> {
  const usesDocker = request.plan.jobs.some((job) => job.kind === 'build' && runsInContainer(request, job));
  if (!usesDocker) return;
  try {
    const removed = await removeAbandonedContainers({ env: request.environment });
    const count = removed.containers + removed.networks + removed.volumes;
    if (count === 0) return;
    const message = `Removed what a killed run left: ${removed.containers} containers, ${removed.networks} networks, ${removed.volumes} volumes.`;
    await request.listener({ type: 'notice', within: [], level: 'info', message });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
    await request.listener({ type: 'notice', within: [], level: 'warning', message });
  }
}

async function tellKept(request: LocalRunRequest, path: string): Promise<void> {
  const message = `Kept the working copies in ${path}; the next run removes them.`;
  await request.listener({ type: 'notice', within: [], level: 'info', message });
}
