import { AppError } from '../base/app-error.ts';
import type { Failure, PlayVariables } from './event.ts';
import { graphOf } from './graph.ts';
import { markedListOf } from './marked-list.ts';
import { countNeeds } from './need-counts.ts';
import type { Plan } from './plan.ts';
import { bitsOfJob, type JobState, jobStates, type PipelineState } from './state.ts';
import { FAILURE_REASONS, JOB_STATUSES } from './status.ts';

/** A pipeline's state without its plan and without what follows from the statuses of its jobs. */
export interface PipelineStateJson {
  readonly version: 1;
  readonly started: boolean;
  /** In plan order. */
  readonly jobs: readonly JobStateJson[];
}

export interface JobStateJson extends Omit<JobState, 'needs' | 'bits'> {
  readonly name: string;
}

/** Note that `variables` are what people typed when they played a job, secrets included. */
export function toJson(state: PipelineState): PipelineStateJson {
  const jobs = Array.from(jobStates(state), ([name, { needs: _needs, bits: _bits, ...job }]) => ({
    name,
    ...job,
  }));
  return { version: 1, started: state.started, jobs };
}

/**
 * Reads what `toJson` wrote, for the same plan. Throws an AppError `pipeline-state-unreadable` when it is not that:
 * a state that does not fit its plan would run the wrong jobs.
 */
export function fromJson(plan: Plan, json: unknown): PipelineState {
  const { started, jobs } = parseState(json);
  const graph = graphOf(plan);
  if (jobs.length !== graph.nodes.length)
    unreadable(`${jobs.length} jobs for a plan of ${graph.nodes.length}`);
  const marked = graph.nodes.map((node) => {
    const job = parseJob(jobs[node.index], node.job.name);
    return { ...job, bits: bitsOfJob(node, job.status, job.allowedToFail) };
  });
  const states = graph.nodes.map((node): JobState => {
    const needs = countNeeds((node.needs ?? []).map((need) => marked[need]?.bits ?? 0));
    const job = marked[node.index];
    return job === undefined ? unreadable(`job ${node.job.name} is missing`) : { ...job, needs };
  });
  return { graph, started, jobs: markedListOf(states) };
}

function parseState(json: unknown): { readonly started: boolean; readonly jobs: readonly unknown[] } {
  const { version, started, jobs } = parseObject(json, 'the state');
  if (version !== 1) return unreadable(`version ${String(version)} instead of 1`);
  if (typeof started !== 'boolean' || !Array.isArray(jobs))
    return unreadable('`started` or `jobs` is missing');
  return { started, jobs };
}

function parseJob(json: unknown, name: string): Omit<JobState, 'needs' | 'bits'> {
  const job = parseObject(json, `job ${name}`);
  const { allowedToFail, attempt, immediate, hasDownstream } = job;
  const status = JOB_STATUSES.find((known) => known === job.status);
  if (
    job.name !== name ||
    status === undefined ||
    typeof allowedToFail !== 'boolean' ||
    typeof immediate !== 'boolean' ||
    typeof hasDownstream !== 'boolean' ||
    typeof attempt !== 'number' ||
    !Number.isSafeInteger(attempt)
  ) {
    return unreadable(`job ${name} is not as it was written`);
  }
  const failure = parseFailure(job.failure, name);
  const variables = parseVariables(job.variables, name);
  return { status, attempt, allowedToFail, failure, immediate, variables, hasDownstream };
}

function parseFailure(json: unknown, name: string): Failure | null {
  if (json === null) return null;
  const { reason: text, exitCode } = parseObject(json, `the failure of job ${name}`);
  const reason = FAILURE_REASONS.find((known) => known === text);
  if (reason === undefined) return unreadable(`job ${name} failed for an unknown reason`);
  if (exitCode !== null && typeof exitCode !== 'number') return unreadable(`job ${name} has no exit code`);
  return { reason, exitCode };
}

function parseVariables(json: unknown, name: string): PlayVariables {
  const entries = Object.entries(parseObject(json, `the variables of job ${name}`)).map(([key, value]) =>
    typeof value === 'string'
      ? ([key, value] as const)
      : unreadable(`variable ${key} of job ${name} is no text`),
  );
  return Object.fromEntries(entries);
}

function parseObject(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return unreadable(`${what} is no object`);
  return Object.fromEntries(Object.entries(json));
}

function unreadable(what: string): never {
  throw new AppError('pipeline-state-unreadable', `The stored state of a pipeline cannot be read: ${what}.`, {
    hint: 'It was written for another plan or by another version; start the pipeline anew.',
  });
}
