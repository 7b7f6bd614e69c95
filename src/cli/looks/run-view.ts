import { printable } from '../../base/printable.ts';
import type { JobEnded, JobStatusChanged, RunEvent } from '../../local/index.ts';
import type { JobStatus, PipelineStatus } from '../../pipeline/index.ts';

/**
 * What has been heard of a run so far: what every display and the closing summary draw from. Jobs of child pipelines
 * stand beside the others under the path that leads to them (`bridge / job`).
 */
export interface RunView {
  readonly jobs: Map<string, JobView>;
  /** How many jobs are in each status; failures that are allowed count apart. */
  readonly counts: Map<CountedStatus, number>;
  /** How many changes of status there were. */
  changes: number;
  pipeline: { readonly name: string | null; readonly ref: string; readonly sha: string } | null;
  finished: { readonly status: PipelineStatus; readonly seconds: number } | null;
}

export type CountedStatus = JobStatus | 'failed_allowed';

export interface JobView {
  /** Safe to print. */
  readonly label: string;
  /** The way to its pipeline; null in the one that the person asked for. */
  readonly parent: string | null;
  readonly stage: string;
  readonly bridge: boolean;
  status: JobStatus;
  attempt: number;
  failure: JobStatusChanged['failure'];
  /** Of the last attempt that has ended. */
  seconds: number | null;
  /** When it began to run, by the clock; null when it does not run. */
  runningSince: number | null;
  /** The number of its last change of status, to tell what happened last. */
  changed: number;
  outcome: JobEnded | null;
}

export function emptyRunView(): RunView {
  return { jobs: new Map(), counts: new Map(), changes: 0, pipeline: null, finished: null };
}

/** Takes in one event; answers with the job it was about, or null. Costs the same however many jobs there are. */
export function noteEvent(view: RunView, event: RunEvent, now: number): JobView | null {
  switch (event.type) {
    case 'pipeline-started':
      if (event.within.length === 0) {
        view.pipeline = { name: event.name, ref: printable(event.ref), sha: event.sha };
      }
      for (const job of event.jobs) addJob(view, event.within, job.name, job.stage, job.kind === 'bridge');
      return null;
    case 'job-status': {
      const job = addJob(view, event.within, event.job, '', false);
      count(view, countedStatus(job), -1);
      job.status = event.status;
      job.attempt = event.attempt;
      job.failure = event.failure;
      count(view, countedStatus(job), 1);
      if (event.status === 'running') job.runningSince ??= now - (event.seconds ?? 0) * 1000;
      else job.runningSince = null;
      if (event.seconds !== null && event.status !== 'running') job.seconds = event.seconds;
      view.changes++;
      job.changed = view.changes;
      return job;
    }
    case 'job-ended': {
      const job = addJob(view, event.within, event.job, '', false);
      job.outcome = event;
      return job;
    }
    case 'job-log':
      return addJob(view, event.within, event.job, '', false);
    case 'pipeline-finished':
      if (event.within.length === 0) view.finished = { status: event.status, seconds: event.seconds };
      return null;
    case 'notice':
      return null;
  }
}

/** The name a job goes by on the screen: its own, after those of the bridges that lead to it. */
export function jobLabel(within: readonly string[], job: string): string {
  return within.length === 0 ? printable(job) : [...within, job].map(printable).join(' / ');
}

function addJob(
  view: RunView,
  within: readonly string[],
  name: string,
  stage: string,
  bridge: boolean,
): JobView {
  const label = jobLabel(within, name);
  const known = view.jobs.get(label);
  if (known !== undefined) return known;
  const job: JobView = {
    label,
    parent: within.length === 0 ? null : jobLabel(within.slice(0, -1), within.at(-1) ?? ''),
    stage: printable(stage),
    bridge,
    status: 'created',
    attempt: 1,
    failure: null,
    seconds: null,
    runningSince: null,
    changed: 0,
    outcome: null,
  };
  view.jobs.set(label, job);
  count(view, 'created', 1);
  return job;
}

function countedStatus({ status, failure }: JobView): CountedStatus {
  return status === 'failed' && failure?.allowed === true ? 'failed_allowed' : status;
}

function count(view: RunView, status: CountedStatus, by: number): void {
  view.counts.set(status, (view.counts.get(status) ?? 0) + by);
}
