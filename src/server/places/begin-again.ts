import { jobStates, type PipelineEvent, type PipelineState } from '../../pipeline/index.ts';
import { needsPlace } from '../../protocol/index.ts';

/**
 * The events by which a pipeline whose place is over runs again: all jobs that share files from the first on, whatever
 * became of them, and of the others those that have failed or were canceled. Each comes after those it waits for: one that
 * came before would find that they have succeeded. `stillRunning`: what has to end first.
 */
export function eventsToBeginAgain(state: PipelineState): {
  readonly events: readonly PipelineEvent[];
  readonly stillRunning: string | null;
} {
  const statuses = new Map(Array.from(jobStates(state), ([name, { status }]) => [name, status]));
  const events: PipelineEvent[] = [];
  let stillRunning: string | null = null;
  for (const index of needsFirst(state)) {
    const job = state.graph.plan.jobs[index];
    if (job === undefined) continue;
    const status = statuses.get(job.name);
    const shares = job.kind === 'build' && needsPlace(job);
    if (shares && (status === 'running' || status === 'canceling')) stillRunning = job.name;
    const hasEnded = status === 'failed' || status === 'canceled' || (shares && status === 'success');
    if (hasEnded) events.push({ type: 'job-retried', job: job.name, variables: null });
  }
  return { events, stillRunning };
}

/** The events by which a pipeline runs again: what has failed or was canceled. */
export function eventsToRetry(state: PipelineState): readonly PipelineEvent[] {
  return Array.from(jobStates(state)).flatMap(([name, { status }]) =>
    status === 'failed' || status === 'canceled'
      ? [{ type: 'job-retried', job: name, variables: null } as const]
      : [],
  );
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
