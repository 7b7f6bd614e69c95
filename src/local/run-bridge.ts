import { setMaxListeners } from 'node:events';
import type { Problem } from '../base/problem.ts';
import { type PipelineContext, readPipeline, type Sources } from '../config/index.ts';
import type { BridgeJob, ChildInclude, Json, PipelineStatus, PlayVariables } from '../pipeline/index.ts';
import { isCompleted } from '../pipeline/index.ts';
import { readArtifactFile } from '../runner/index.ts';
import type { PipelineScope, RunPipeline } from './pipeline-request.ts';
import type { RunHost } from './run-host.ts';
import { variablesForChild } from './variables.ts';

export interface BridgeAttempt {
  readonly job: BridgeJob;
  /** A child runs as its parent does. */
  readonly runPipeline: RunPipeline;
  readonly variables: PlayVariables;
  readonly cancel: AbortSignal;
  readonly onCreated: () => void;
  readonly onStatus: (status: PipelineStatus) => void;
}

export type BridgeOutcome =
  /** The pipeline could not be made; one sentence says why. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'ended'; readonly status: PipelineStatus; readonly detachedFailure: boolean };

/**
 * Runs a child pipeline inside the run of its parent, on the same slots and resources. A pipeline of another project
 * is refused: its files are not here.
 */
export async function runBridge(
  host: RunHost,
  scope: PipelineScope,
  { job, runPipeline, variables, cancel, onCreated, onStatus }: BridgeAttempt,
): Promise<BridgeOutcome> {
  const { request } = scope;
  const { target } = job.trigger;
  if (target.kind === 'project') {
    return refused(`Not run: the pipeline of project '${target.project}' is not part of a local run.`);
  }
  if (request.within.length >= MAX_DEPTH) {
    return refused(`Not run: child pipelines may be nested ${MAX_DEPTH} deep, and this would be one more.`);
  }
  const child = await childConfiguration(host, scope, target.includes);
  if (typeof child === 'string') return refused(child);

  const context: PipelineContext = {
    ...request.context,
    source: 'parent_pipeline',
    pipeline: { ...request.context.pipeline, id: host.nextPipelineId() },
    pipelineVariables: variablesForChild(request, job, variables),
    inputs: { ...job.trigger.inputs, ...child.inputs },
  };
  const reading = await readPipeline({ sources: child.sources, file: child.file, context });
  if (reading.plan === null || reading.outcome !== 'created') {
    const [first] = reading.problems.filter((problem) => problem.severity === 'error');
    return refused(
      first === undefined ? `The child pipeline has no jobs (${reading.outcome}).` : sentenceOf(first),
    );
  }

  const within = [...request.within, job.name];
  await scope.emit({
    type: 'pipeline-started',
    within,
    name: reading.plan.name,
    ref: context.ref.name,
    sha: context.commit.sha,
    stages: reading.plan.stages,
    jobs: reading.plan.jobs.map(({ name, stage, kind }) => ({ name, stage, kind })),
  });
  const startedAt = host.clock.elapsed();
  onCreated();
  setMaxListeners(0, cancel);
  const result = await runPipeline(host, {
    plan: reading.plan,
    context,
    sources: child.sources,
    within,
    played: request.played,
    cancel,
    onStatus,
  });
  const seconds = (host.clock.elapsed() - startedAt) / 1000;
  await scope.emit({ type: 'pipeline-finished', within, status: result.status, seconds });
  // A child that waits for a person would keep its bridge, and so the run, waiting for ever.
  if (!isCompleted(result.status)) onStatus('failed');
  return { kind: 'ended', status: result.status, detachedFailure: result.detachedFailure };
}

/** With its place, unless that is a file nobody can open: one that is absent, or the one made up here. */
function sentenceOf({ code, message, place }: Problem): string {
  if (place === null || code === 'file-unreadable' || place.file === MADE_UP) {
    return `The trigger's pipeline cannot be read: ${message}`;
  }
  return `${place.file}:${place.line}: ${message}`;
}

/** GitLab's limit on the depth of child pipelines. */
const MAX_DEPTH = 2;

interface ChildConfiguration {
  readonly sources: Sources;
  readonly file: string;
  readonly inputs: Readonly<Record<string, Json>>;
}

/**
 * The file the child is read from. One local file is read as it is, so that its problems name it; several, or one that
 * a job made, are read through a file made up here that includes them.
 */
async function childConfiguration(
  host: RunHost,
  scope: PipelineScope,
  includes: readonly ChildInclude[],
): Promise<ChildConfiguration | string> {
  const { sources } = scope.request;
  const [only] = includes;
  if (includes.length === 1 && only?.kind === 'local') {
    return { sources, file: only.path.replace(/^\/+/, ''), inputs: only.inputs };
  }
  const made = new Map<string, string>();
  const entries: Json[] = [];
  for (const include of includes) {
    if (include.kind !== 'artifact') {
      entries.push(includeEntry(include));
      continue;
    }
    const text = await artifactText(host, scope, include.job, include.path);
    if (text === null) return `Not run: job '${include.job}' kept no artifact '${include.path}'.`;
    const path = `artifacts of ${include.job}/${include.path.replace(/^\/+/, '')}`;
    made.set(path, text);
    if (includes.length === 1)
      return { sources: withFiles(sources, made), file: path, inputs: include.inputs };
    entries.push({ local: path, inputs: include.inputs });
  }
  made.set(MADE_UP, JSON.stringify({ include: entries }));
  return { sources: withFiles(sources, made), file: MADE_UP, inputs: {} };
}

const MADE_UP = 'trigger.yml of a trigger with several files';

function includeEntry(include: Exclude<ChildInclude, { readonly kind: 'artifact' }>): Json {
  const { inputs } = include;
  switch (include.kind) {
    case 'local':
      return { local: include.path, inputs };
    case 'project':
      return {
        project: include.project,
        file: include.path,
        inputs,
        ...(include.ref && { ref: include.ref }),
      };
    case 'template':
      return { template: include.name, inputs };
    case 'remote':
      return { remote: include.url, inputs };
    case 'component':
      return { component: include.component, inputs };
  }
}

async function artifactText(
  host: RunHost,
  scope: PipelineScope,
  job: string,
  path: string,
): Promise<string | null> {
  const kept = scope.kept.get(job);
  if (kept === undefined || !kept.hasArchive) return null;
  return readArtifactFile(host.artifacts, kept.jobId, path);
}

/** The same project with a few files more. */
function withFiles(sources: Sources, files: ReadonlyMap<string, string>): Sources {
  return {
    ...sources,
    async readFile(path) {
      const text = files.get(path);
      return text === undefined ? sources.readFile(path) : { kind: 'text', text };
    },
  };
}

function refused(message: string): BridgeOutcome {
  return { kind: 'refused', message };
}
