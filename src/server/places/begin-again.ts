import {
  isCompleted,
  type Job,
  type JobStatus,
  jobStates,
  type PipelineEvent,
  type PipelineState,
} from '../../pipeline/index.ts';
import { needsPlace } from '../../protocol/index.ts';

/** How a pipeline runs again of which nothing that its jobs shared is left. */
export interface Again {
  readonly events: readonly PipelineEvent[];
  /** Whether its jobs need those files, and so begin with the first. */
  readonly anew: boolean;
  /** A job that shares files and has not ended yet, which it must have. */
  readonly stillRunning: string | null;
}

/** The events by which a pipeline runs again: what has failed or was canceled. */
export function eventsToRetry(state: PipelineState): readonly PipelineEvent[] {
  return Array.from(jobStates(state)).flatMap(([name, { status }]) =>
    hasFailed(status) ? [retried(name)] : [],
  );
}

/**
 * Where any job would miss the files, all jobs that share them run again from the first on, whatever became of them; and
 * of the others those that have failed or were canceled. Each comes after those it waits for: one that came before would
 * find that they have succeeded.
 */
export function beginAgain(state: PipelineState): Again {
  const statuses = new Map(Array.from(jobStates(state), ([name, { status }]) => [name, status]));
  const { jobs } = state.graph.plan;
  const sharing = new Set(jobs.filter(isSharing).map(({ name }) => name));
  const own = [...sharing].map((name) => statuses.get(name) ?? 'created');
  const isToRetry = [...statuses.values()].some(hasFailed);
  const anew =
    own.some((status) => hasFailed(status) || status === 'manual') || (isToRetry && own.includes('skipped'));
  if (!anew) return { events: eventsToRetry(state), anew, stillRunning: null };

  const events: PipelineEvent[] = [];
  for (const index of needsFirst(state)) {
    const name = jobs[index]?.name ?? '';
    const status = statuses.get(name) ?? 'created';
    if (hasFailed(status) || (status === 'success' && sharing.has(name))) events.push(retried(name));
  }
  const stillRunning = [...sharing].find((name) => IN_HAND.has(statuses.get(name) ?? 'created')) ?? null;
  return { events, anew, stillRunning };
}

/**
 * A job that shares files and that has not to wait for its time, as a manual one, would run before those that make them: they
 * run again. The first such; null: none.
 */
export function runsBefore(state: PipelineState, name: string): string | null {
  const { nodes, indexes, plan } = state.graph;
  const node = nodes[indexes.get(name) ?? -1];
  if (node === undefined || !isSharing(node.job)) return null;
  const before = node.needs ?? Array.from({ length: node.stage.from }, (_, index) => index);
  const statuses = Array.from(jobStates(state), ([, { status }]) => status);
  const open = before.find((index) => {
    const job = plan.jobs[index];
    return job !== undefined && isSharing(job) && !isCompleted(statuses[index] ?? 'created');
  });
  return open === undefined ? null : (plan.jobs[open]?.name ?? null);
}

function isSharing(job: Job): boolean {
  return job.kind === 'build' && needsPlace(job);
}

const IN_HAND: ReadonlySet<JobStatus> = new Set<JobStatus>(['running', 'canceling']);

function hasFailed(status: JobStatus): boolean {
  return status === 'failed' || status === 'canceled';
}

function retried(job: string): PipelineEvent {
  return { type: 'job-retried', job, variables: null };
}

/** All jobs, in the order of the plan but for those that others before them need. */
function needsFirst({ graph: { nodes } }: PipelineState): Iterable<number> {
  const ordered = new Set<number>();
  for (const { index: first } of nodes) {
    const path = [first];
    for (let index = path.at(-1); index !== undefined; index = path.at(-1)) {
      const missing = nodes[index]?.needs?.find((need) => !ordered.has(need));
      if (missing !== undefined && !ordered.has(index)) path.push(missing);
      else {
        ordered.add(index);
        path.pop();
      }
    }
  }
  return ordered;
}
