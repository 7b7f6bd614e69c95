import { setMaxListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { Clock } from '../base/clock.ts';
import type { PipelineContext, PipelineReading, Sources } from '../config/index.ts';
import type { BuildJob, PipelineStatus, Plan } from '../pipeline/index.ts';
import {
  createExecutors,
  createFolderArtifactStore,
  createRunFolder,
  type Executors,
  removeAbandonedContainers,
  removeAbandonedRuns,
  removeTree,
} from '../runner/index.ts';
import { artifactsFolder, recordJobs } from './job-records.ts';
import { createJobSlots } from './job-slots.ts';
import { type KeptJobs, keepJobs } from './keep-jobs.ts';
import { KEPT_FOLDER } from './kept-job.ts';
import { linkedArtifacts } from './linked-artifacts.ts';
import { runPipeline } from './pipeline-run.ts';
import { createResourceLocks } from './resource-locks.ts';
import type { RunListener } from './run-events.ts';
import type { RunHost } from './run-host.ts';
import { createRunProjects, type KnownProject, type RunProject } from './run-projects.ts';
import { instancesOf, standsFor } from './select-jobs.ts';
import { createRunRecord, type StateFolders } from './state-folders.ts';

export interface LocalRunRequest {
  readonly repository: string;
  readonly plan: Plan;
  readonly context: PipelineContext;
  readonly sources: Sources;
  /** Where a keyword of a job was written. */
  readonly placeOf: PipelineReading['placeOf'];
  /** Folders of other projects, by their paths (`group/name`): jobs may trigger their pipelines. */
  readonly projects: ReadonlyMap<string, string>;
  /** `auto`: containers for the jobs that name an image, this machine's shell for the others. */
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly defaultImage: string | null;
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  /** Jobs in containers have the engine's socket, and with it this machine. */
  readonly engineSocket: boolean;
  /** How many jobs at once. */
  readonly concurrency: number;
  /** Manual jobs to play when their time comes. */
  readonly manual: readonly string[];
  readonly includeUncommitted: boolean;
  /** Keep the working copies of failed jobs, and of these if they passed too; null: keep none. */
  readonly keep: { readonly passed: readonly string[] } | null;
  /** AWS may be asked for secrets that the project's own do not have. */
  readonly awsSecrets: boolean;
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
  const { plan, context, folders, clock } = request;
  const played = playedJobs(plan, request.manual);
  setMaxListeners(0, request.cancel, request.kill);
  await removeAbandonedRuns(folders.scratch);
  await removeLeftovers(request);
  const [runFolder, record] = await Promise.all([
    createRunFolder(folders.scratch),
    createRunRecord(folders.runs, new Date(clock.now()), KEPT_RUNS),
  ]);
  const kept = keptJobs(request, join(runFolder.path, KEPT_FOLDER));
  const executors = createExecutors(request, runFolder.path);
  const unseen = new Set(request.manual);
  const listener: RunListener = (event) => {
    if (event.type === 'pipeline-started') forgetSeen(unseen, event.jobs);
    return request.listener(event);
  };
  try {
    const { host, project } = await createHost(
      { ...request, listener },
      runFolder.path,
      record,
      kept,
      executors,
    );
    const startedAt = clock.elapsed();
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
      placeOf: request.placeOf,
      project,
      within: [],
      lineage: [{ project: context.project.path, ref: context.ref.name, source: context.source }],
      played,
      cancel: request.cancel,
      onStatus: () => undefined,
    });
    await recordJobs(record, host.pipelinesById.values());
    const seconds = (clock.elapsed() - startedAt) / 1000;
    const status = result.status === 'success' && result.detachedFailure ? 'failed' : result.status;
    await listener({ type: 'pipeline-finished', within: [], status, seconds });
    await tellUnseen(request, unseen);
    return { status, passed: status === 'success', record };
  } finally {
    await executors[Symbol.asyncDispose]();
    const names = kept?.names() ?? [];
    if (names.length === 0) await runFolder[Symbol.asyncDispose]();
    else await removeAllBut(runFolder.path, KEPT_FOLDER);
    if (kept !== null) await tellKept(request, kept);
  }
}

/**
 * A name stands for all instances of a parallel job. One that is not in this pipeline may be in a child, whose jobs
 * nobody knows yet.
 *
 * @throws AppError `no-such-job` when there can be no child.
 */
function playedJobs(plan: Plan, names: readonly string[]): ReadonlySet<string> {
  const mayHaveChildren = plan.jobs.some((job) => job.kind === 'bridge');
  return new Set(
    names.flatMap((name) => {
      const known = plan.jobs.some((job) => standsFor(name, job.name));
      return known || !mayHaveChildren ? instancesOf(plan, name) : [name];
    }),
  );
}

function forgetSeen(unseen: Set<string>, jobs: readonly { readonly name: string }[]): void {
  for (const name of unseen) {
    if (jobs.some((job) => standsFor(name, job.name))) unseen.delete(name);
  }
}

async function tellUnseen(request: LocalRunRequest, unseen: ReadonlySet<string>): Promise<void> {
  if (unseen.size === 0) return;
  const names = [...unseen].map((name) => `'${name}'`).join(', ');
  const message = `Nothing to play: neither this pipeline nor a child that ran has a job ${names}.`;
  await request.listener({ type: 'notice', within: [], level: 'warning', message });
}

/** Runs whose logs and artifacts are kept, the newest first. */
const KEPT_RUNS = 20;

function keptJobs(request: LocalRunRequest, folder: string): KeptJobs | null {
  const { keep, plan, repository, sandbox, privileged, engineSocket, clock } = request;
  if (keep === null) return null;
  const always = new Set(keep.passed.flatMap((name) => instancesOf(plan, name)));
  return keepJobs({ folder, always, repository, sandbox, privileged, engineSocket, clock });
}

async function createHost(
  request: LocalRunRequest,
  runFolder: string,
  record: string,
  kept: KeptJobs | null,
  executors: Executors,
): Promise<{ readonly host: RunHost; readonly project: RunProject }> {
  const { repository, context, clock } = request;
  const { id, path, configPath } = context.project;
  const own: KnownProject = { id, path, folder: repository, file: configPath };
  const projects = createRunProjects({
    own,
    others: request.projects,
    includeUncommitted: request.includeUncommitted,
    runFolder,
    awsSecrets: request.awsSecrets,
    environment: request.environment,
    warn: (message) => request.listener({ type: 'notice', within: [], level: 'warning', message }),
  });
  const commit = /^0+$/.test(context.commit.sha) ? null : context.commit.sha;
  const project = await projects.open(own, { commit, asItLies: true });
  const defect = new AbortController();
  let jobs = 0;
  let pipelines = 1;
  const host: RunHost = {
    reclaim: async (folder) => await executors.of('docker').reclaim?.(folder),
    executorFor: (job) => executors.of(runsInContainer(request, job) ? 'docker' : 'shell'),
    projects,
    artifacts: linkedArtifacts(createFolderArtifactStore(artifactsFolder(record))),
    pipelinesById: new Map(),
    environment: request.environment,
    slots: createJobSlots(request.concurrency),
    resources: createResourceLocks(),
    clock,
    listener: request.listener,
    logFolder: join(record, 'logs'),
    scratchRoot: runFolder,
    defaultImage: request.defaultImage,
    engineSocket: request.engineSocket,
    kept,
    nextJobId: () => ++jobs,
    nextPipelineId: () => context.pipeline.id + pipelines++,
    told: new Set(),
    kill: AbortSignal.any([request.kill, defect.signal]),
    stopEverything: () => defect.abort(),
  };
  return { host, project };
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

async function removeAllBut(folder: string, kept: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== kept);
  await Promise.all(names.map((name) => removeTree(join(folder, name))));
}

async function tellKept(request: LocalRunRequest, kept: KeptJobs): Promise<void> {
  const tell = async (message: string): Promise<void> =>
    await request.listener({ type: 'notice', within: [], level: 'info', message });
  const names = kept.names();
  const refused = kept.refused();
  for (const [why, jobs] of refused) await tell(`Cannot be kept because ${why}: ${listed([...jobs])}`);
  if (names.length > 0) {
    const commands = names.map((name) => `slipway shell ${quoted(name)}`);
    await tell(`Kept until the next run, to step into: ${listed(commands)}`);
  } else if (refused.size === 0) {
    await tell('Nothing is kept: no job failed once its environment was there.');
  }
}

function listed(all: readonly string[]): string {
  const more = all.length > MOST_TOLD ? ` (and ${all.length - MOST_TOLD} more)` : '';
  return `${all.slice(0, MOST_TOLD).join(', ')}${more}`;
}

const MOST_TOLD = 5;

/** As a word that a shell takes for itself. */
function quoted(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
