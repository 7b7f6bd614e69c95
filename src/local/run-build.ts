import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { BuildJob, PlayVariables } from '../pipeline/index.ts';
import { buildSpec, DEFAULT_TIMEOUT_SECONDS, type JobDependency, scriptOf } from '../protocol/index.ts';
import { createFileSink, type JobOutputs, type JobResult, type LogSink, runJob } from '../runner/index.ts';
import { failureHint, watchForEngine } from './failure-hints.ts';
import { dotenvOf } from './fetched-jobs.ts';
import { whyNotKept } from './keep-jobs.ts';
import { logFileName } from './log-file-name.ts';
import { type OutsideArtifacts, outsideArtifacts } from './outside-artifacts.ts';
import type { PipelineScope } from './pipeline-request.ts';
import type { JobEnded } from './run-events.ts';
import type { RunHost } from './run-host.ts';
import { type ResolvedSecrets, resolveSecrets } from './secrets/resolve-secrets.ts';
import { variablesForJob } from './variables.ts';

/** One attempt of a job that a runner executes. */
export interface BuildAttempt {
  readonly job: BuildJob;
  readonly attempt: number;
  /** Among the jobs that run at the same time. */
  readonly slot: number;
  readonly variables: PlayVariables;
  readonly cancel: AbortSignal;
}

/**
 * Describes the job, has the runner run it, and keeps what later jobs will ask for. An environment that cannot be
 * made is the job's failure, not the run's.
 */
export async function runBuild(
  host: RunHost,
  scope: PipelineScope,
  { job, attempt, slot, variables: played, cancel }: BuildAttempt,
): Promise<{ readonly result: JobResult; readonly ended: JobEnded }> {
  const { context, within } = scope.request;
  const jobId = host.nextJobId();
  const logFile = join(host.logFolder, logFileName([...within, job.name].join('.'), jobId, attempt));
  const script = scriptOf(job);
  const outside = await outsideArtifacts(host, scope, job);
  const stopped = AbortSignal.any([host.kill, cancel]);
  const secrets = await resolveSecrets(job, scope.request.project.secrets, stopped);
  const spec = buildSpec(job, {
    jobId,
    pipelineId: context.pipeline.id,
    projectPath: context.project.path,
    git: { sha: context.commit.sha, ref: context.ref.name, refKind: context.ref.kind },
    variables: [
      ...variablesForJob(scope.request, job, {
        jobId,
        slot,
        dotenv: [...dotenvOf(scope, job), ...(outside.kind === 'found' ? outside.dotenv : [])],
        played,
        startedAt: new Date(host.clock.now()),
        timeoutSeconds: job.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      }),
      ...(secrets.kind === 'resolved' ? secrets.variables : []),
    ],
    dependencies: [...archivesFor(scope, job), ...(outside.kind === 'found' ? outside.dependencies : [])],
    defaultImage: host.defaultImage,
    script: script.kind === 'script' ? script.lines : [],
  });
  const engine = watchForEngine();
  const sink = showingSink(await createFileSink(logFile), (bytes) => {
    engine.see(bytes);
    return scope.emit({ type: 'job-log', within, job: job.name, bytes });
  });
  const executor = host.executorFor(job);
  // A job that was stopped while its secrets were looked up is canceled, not refused.
  const refusal = stopped.aborted ? null : refusalOf(script, outside, secrets);
  const unkept = whyNotKept(job);
  const running =
    refusal !== null
      ? refuse(sink, refusal)
      : runJob({
          job: spec,
          executor,
          workspaces: scope.shared.workspacesFor(job, scope.request.project.workspaces),
          volumes: await scope.shared.volumesOf(job),
          artifacts: host.artifacts,
          caches: scope.request.project.caches,
          sink,
          clock: host.clock,
          scratchRoot: host.scratchRoot,
          ...(host.kept === null || unkept !== null
            ? {}
            : { keeper: host.kept.keeper(spec, within, executor.name) }),
          signal: host.kill,
          cancel,
        });
  const result = await running.catch((error: unknown) => failedResult(error));
  keep(scope, job, jobId, result);
  if (unkept !== null) host.kept?.cannot(job.name, result.status, unkept);
  const { engineSocket } = host;
  await tell(
    host,
    scope,
    failureHint({ job, result, executor: executor.name, engineSocket, engineSought: engine.sought }),
  );
  const { tests, coverage, artifacts } = result.outputs;
  return {
    result,
    ended: { type: 'job-ended', within, job: job.name, attempt, tests, coverage, artifacts, logFile },
  };
}

/** Once, however often a job is tried. */
async function tell(host: RunHost, { emit, request }: PipelineScope, hint: string | null): Promise<void> {
  if (hint === null || host.told.has(hint)) return;
  host.told.add(hint);
  await emit({ type: 'notice', within: request.within, level: 'info', message: hint });
}

/** Archives of the jobs this one fetches from, in plan order, so that later ones win. */
function archivesFor(scope: PipelineScope, job: BuildJob): readonly JobDependency[] {
  return scope.fetchedJobs(job).flatMap((name) => {
    const kept = scope.kept.get(name);
    return kept?.hasArchive === true ? [{ id: kept.jobId, name }] : [];
  });
}

function keep(scope: PipelineScope, job: BuildJob, jobId: number, { status, outputs }: JobResult): void {
  const hasArchive = outputs.artifacts.some((artifact) => artifact.type === 'archive');
  scope.kept.set(job.name, {
    jobId,
    hasArchive,
    dotenv: outputs.dotenv,
    passed: status === 'success',
  });
}

/** Every byte goes to the file first, then to whoever watches; both may slow the job down. */
function showingSink(file: LogSink, show: (bytes: Uint8Array) => void | Promise<void>): LogSink {
  return {
    async write(bytes) {
      await file.write(bytes);
      await show(bytes);
    },
    close: () => file.close(),
  };
}

type Refused = Pick<Extract<JobResult, { readonly status: 'failed' }>, 'reason' | 'message'>;

/** Why the job cannot be run at all; null when it can. */
function refusalOf(
  script: ReturnType<typeof scriptOf>,
  outside: OutsideArtifacts,
  secrets: ResolvedSecrets,
): Refused | null {
  if (script.kind === 'refused') return { reason: 'runner_unsupported', message: script.reason };
  if (outside.kind === 'missing') return { reason: 'missing_dependency_failure', message: outside.message };
  if (secrets.kind === 'missing') return { reason: 'runner_system_failure', message: secrets.message };
  return null;
}

/** A job that would pass without having done anything fails instead, and its log says why. */
async function refuse(sink: LogSink, { reason, message }: Refused): Promise<JobResult> {
  await sink.write(Buffer.from(`ERROR: Job failed: ${message}\n`));
  await sink.close();
  return { status: 'failed', reason, exitCode: null, message, outputs: NOTHING };
}

function failedResult(error: unknown): JobResult {
  if (!(error instanceof AppError)) throw error;
  return {
    status: 'failed',
    reason: error.code === 'image-pull-failed' ? 'image_pull_failure' : 'runner_system_failure',
    exitCode: null,
    message: error.hint === null ? error.message : `${error.message} ${error.hint}`,
    outputs: NOTHING,
  };
}

const NOTHING: JobOutputs = { dotenv: [], tests: null, artifacts: [], coverage: null };
