import { setMaxListeners } from 'node:events';
import { AppError } from '../base/app-error.ts';
import type { Place } from '../base/problem.ts';
import {
  type PipelineContext,
  type PipelineReading,
  readPipeline,
  type Sources,
  type UpstreamContext,
} from '../config/index.ts';
import {
  downstreamVariables,
  emptyText,
  exceededLimit,
  MADE_UP,
  type Refusal,
  refused,
  sentenceOf,
  variablesOfBridge,
} from '../downstream/index.ts';
import type { BridgeJob, PipelineStatus, Plan, PlayVariables } from '../pipeline/index.ts';
import { isCompleted } from '../pipeline/index.ts';
import { childConfiguration } from './downstream/child-configuration.ts';
import { downstreamProject } from './downstream/downstream-project.ts';
import { dotenvPairs } from './fetched-jobs.ts';
import type { PipelineScope, RunPipeline } from './pipeline-request.ts';
import type { RunHost } from './run-host.ts';
import type { RunProject } from './run-projects.ts';

export interface BridgeAttempt {
  readonly job: BridgeJob;
  /** A downstream pipeline runs as the one upstream does. */
  readonly runPipeline: RunPipeline;
  readonly variables: PlayVariables;
  readonly cancel: AbortSignal;
  readonly onCreated: () => void;
  readonly onStatus: (status: PipelineStatus) => void;
}

export type BridgeOutcome =
  /** The pipeline could not be made. */
  Refusal | { readonly kind: 'ended'; readonly status: PipelineStatus; readonly detachedFailure: boolean };

/**
 * Runs the pipeline that a bridge starts inside the run of the bridge's own, on the same slots and resources: a child,
 * or one of another project whose folder is known.
 */
export async function runBridge(
  host: RunHost,
  scope: PipelineScope,
  attempt: BridgeAttempt,
): Promise<BridgeOutcome> {
  const downstream = await createDownstream(host, scope, attempt).catch(refusalOf);
  if (downstream.kind === 'refused') return downstream;
  const { within, context, plan, remark } = downstream;
  const { onCreated, onStatus, cancel } = attempt;
  if (remark !== null) {
    await scope.emit({ type: 'notice', within: scope.request.within, level: 'info', message: remark });
  }
  await scope.emit({
    type: 'pipeline-started',
    within,
    name: plan.name,
    ref: context.ref.name,
    sha: context.commit.sha,
    stages: plan.stages,
    jobs: plan.jobs.map(({ name, stage, kind }) => ({ name, stage, kind })),
  });
  const startedAt = host.clock.elapsed();
  onCreated();
  setMaxListeners(0, cancel);
  const { project, sources, placeOf } = downstream;
  const { lineage, played } = scope.request;
  const result = await attempt.runPipeline(host, {
    ...{ plan, context, sources, project, within, placeOf, played, cancel, onStatus },
    lineage: [...lineage, { project: context.project.path, ref: context.ref.name, source: context.source }],
  });
  const seconds = (host.clock.elapsed() - startedAt) / 1000;
  await scope.emit({ type: 'pipeline-finished', within, status: result.status, seconds });
  // A pipeline that waits for a person would keep its bridge, and so the run, waiting for ever.
  if (!isCompleted(result.status)) onStatus('failed');
  return { kind: 'ended', status: result.status, detachedFailure: result.detachedFailure };
}

/** A pipeline that is there, and has jobs to run. */
interface Downstream {
  readonly kind: 'created';
  readonly plan: Plan;
  readonly context: PipelineContext;
  readonly sources: Sources;
  readonly project: RunProject;
  readonly within: readonly string[];
  readonly placeOf: PipelineReading['placeOf'];
  readonly remark: string | null;
}

async function createDownstream(
  host: RunHost,
  scope: PipelineScope,
  { job, variables: played }: BridgeAttempt,
): Promise<Downstream | Refusal> {
  const { request } = scope;
  const { target } = job.trigger;
  if (target.kind === 'mirror') {
    return refused(
      'upstream_bridge_project_not_found',
      `Not run: it shows the status of the latest pipeline of ${target.project}, and a local run knows of none.`,
    );
  }
  const dotenv = dotenvPairs(scope, job);
  const variables = variablesOfBridge(request, job, dotenv);
  const limit = exceededLimit(request.lineage, target.kind === 'child', host.pipelinesById.size);
  if (limit !== null && target.kind === 'child') return limit;
  const found =
    target.kind === 'child'
      ? await childConfiguration(host, scope, target.includes, variables)
      : await downstreamProject(host, scope, target, variables);
  if (found.kind === 'refused') return placed(found, request.placeOf(job.name, 'trigger'));
  if (limit !== null) return limit;

  const upstream: UpstreamContext = {
    projectId: request.context.project.id,
    pipelineId: request.context.pipeline.id,
    jobId: host.nextJobId(),
  };
  const context: PipelineContext = {
    ...found.context,
    upstream,
    source: target.kind === 'child' ? 'parent_pipeline' : 'pipeline',
    pipeline: {
      ...found.context.pipeline,
      id: host.nextPipelineId(),
      createdAt: new Date(host.clock.now()),
      scheduleDescription: null,
    },
    user: request.context.user,
    pipelineVariables: downstreamVariables(request.context, job, { variables, dotenv, played }),
    inputs: { ...job.trigger.inputs, ...found.inputs },
  };
  const { sources, file, project, remark } = found;
  const { plan, outcome, problems, placeOf } = await readPipeline({ sources, file, context });
  const owner = target.kind === 'child' ? null : context.project.path;
  for (const problem of problems) {
    if (problem.severity === 'warning') await tellWarning(host, scope, sentenceOf(problem, owner));
  }
  if (plan === null) {
    const [first] = problems.filter((problem) => problem.severity === 'error');
    const why = first === undefined ? emptyText(outcome) : sentenceOf(first, owner);
    return placed(refused('downstream_pipeline_creation_failed', why), request.placeOf(job.name, 'trigger'));
  }
  const name = owner === null ? job.name : `${job.name} (${owner})`;
  const within = [...request.within, name];
  return { kind: 'created', plan, context, sources, project, within, placeOf, remark };
}

/** Once a run: a file may be the child of many jobs. */
async function tellWarning(host: RunHost, scope: PipelineScope, message: string): Promise<void> {
  if (host.told.has(message)) return;
  host.told.add(message);
  await scope.emit({ type: 'notice', within: scope.request.within, level: 'warning', message });
}

/** Says which trigger it is about: the file of the pipeline that has it may be one of many. */
function placed(refusal: Refusal, trigger: Place | null): Refusal {
  if (trigger === null || trigger.file === MADE_UP) return refusal;
  return { ...refusal, message: `${refusal.message} (trigger: ${trigger.file}:${trigger.line})` };
}

/** What the world did wrong is this one job's failure, not the run's. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof AppError)) throw error;
  const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
  return refused('downstream_pipeline_creation_failed', message);
}
