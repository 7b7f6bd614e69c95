import { expect } from 'vitest';
import type { Job, Plan } from '../plan.ts';
import {
  type JobState,
  jobState,
  jobStates,
  type PipelineState,
  pipelineStatus,
  stageStatus,
} from '../state.ts';
import { isCompleted, type JobStatus } from '../status.ts';

/**
 * The rules of stages, needs and statuses once more, in the slowest and plainest way: everything is looked at again
 * every time, with words in sets instead of bits and counts. The machine is checked against it.
 */
export interface NaiveJob {
  readonly job: Job;
  readonly status: JobStatus;
  readonly allowedToFail: boolean;
}

export function naiveJobs(plan: Plan, state: PipelineState): NaiveJob[] {
  const states = new Map(jobStates(state));
  return plan.jobs.flatMap((job) => {
    const found = states.get(job.name);
    return found === undefined ? [] : [{ job, status: found.status, allowedToFail: found.allowedToFail }];
  });
}

export function naiveComposite(jobs: readonly NaiveJob[]): JobStatus {
  const words = new Set<string>(jobs.map(wordOf));
  const only = (...allowed: string[]) => [...words].every((word) => allowed.includes(word));
  if (words.size === 0) return 'success';
  if (only('skipped', 'ignored')) return 'skipped';
  if (only('success', 'skipped', 'warning', 'ignored')) return 'success';
  if (only('created', 'warning', 'ignored')) return 'created';
  if (only('preparing', 'warning', 'ignored')) return 'preparing';
  if (only('canceled', 'success', 'skipped', 'warning', 'ignored')) return 'canceled';
  if (only('pending', 'created', 'skipped', 'warning', 'ignored')) return 'pending';
  if (words.has('running') || words.has('pending')) return 'running';
  if (words.has('waiting_for_resource')) return 'waiting_for_resource';
  if (words.has('waiting_for_callback')) return 'waiting_for_callback';
  if (words.has('manual')) return 'manual';
  if (words.has('scheduled')) return 'scheduled';
  if (words.has('preparing')) return 'preparing';
  if (words.has('created')) return 'running';
  return words.has('canceling') ? 'canceling' : 'failed';
}

/** The jobs that one waits for: those it names in `needs`, or all of the stages before its own. */
export function naivePredecessors(plan: Plan, jobs: readonly NaiveJob[], job: Job): NaiveJob[] {
  if (job.needs !== null) {
    const names = new Set(job.needs.map((need) => need.job));
    return jobs.filter((other) => names.has(other.job.name));
  }
  const stage = plan.stages.indexOf(job.stage);
  return jobs.filter((other) => plan.stages.indexOf(other.job.stage) < stage);
}

/** The composite status of what a job waits for, if that is settled, else null. */
export function naivePrevious(plan: Plan, jobs: readonly NaiveJob[], job: Job): JobStatus | null {
  const before = naivePredecessors(plan, jobs, job);
  const unsettled = before.some((other) => !isSettled(other));
  if (job.needs !== null && before.some((other) => ['skipped', 'ignored'].includes(wordOf(other)))) {
    return job.when === 'always' && unsettled ? null : 'skipped';
  }
  return unsettled ? null : naiveComposite(before);
}

/** What is true of every state a pipeline can be in. */
export function expectSound(plan: Plan, state: PipelineState): void {
  const jobs = naiveJobs(plan, state);
  expect(pipelineStatus(state), 'pipeline').toBe(naiveComposite(jobs));
  for (const stage of plan.stages) {
    const members = jobs.filter((one) => one.job.stage === stage);
    expect(stageStatus(state, stage), `stage ${stage}`).toBe(naiveComposite(members));
  }
  for (const one of jobs) {
    expectOutcomeOfThisAttempt(one, jobState(state, one.job.name));
    const needs = one.job.needs === null ? [] : naivePredecessors(plan, jobs, one.job);
    const words = needs.map((need) => (isSettled(need) ? wordOf(need) : 'unsettled'));
    expect(jobState(state, one.job.name).needs, `needs of ${one.job.name}`).toEqual({
      unsettled: words.filter((word) => word === 'unsettled').length,
      unrun: words.filter((word) => word === 'skipped' || word === 'ignored').length,
      failed: words.filter((word) => word === 'failed').length,
      canceled: words.filter((word) => word === 'canceled').length,
    });
    if (state.started && one.status === 'created') {
      expect(naivePrevious(plan, jobs, one.job), `what ${one.job.name} still waits for`).toBe(null);
    }
  }
}

/** Only a failed job has a failure, and only its exit code can allow what the job itself does not. */
function expectOutcomeOfThisAttempt({ job, status, allowedToFail }: NaiveJob, { failure }: JobState): void {
  expect(failure !== null, `${job.name} is ${status} and has a failure`).toBe(status === 'failed');
  const allowedByCode = job.allowFailureExitCodes.some((code) => code === failure?.exitCode);
  expect(allowedToFail, `${job.name} may fail`).toBe(job.allowFailure || allowedByCode);
}

function isSettled(one: NaiveJob): boolean {
  return isCompleted(one.status) || wordOf(one) === 'ignored';
}

function wordOf({ status, allowedToFail }: NaiveJob): JobStatus | 'warning' | 'ignored' {
  if (allowedToFail && (status === 'failed' || status === 'canceled')) return 'warning';
  return allowedToFail && status === 'manual' ? 'ignored' : status;
}
