import type { JobView, RunView } from './run-view.ts';

/** The jobs in the order of their pipeline, those of a downstream pipeline right after the job that started it. */
export function jobsUnderTheirBridges({ jobs }: RunView): readonly JobView[] {
  const below = Map.groupBy(jobs.values(), ({ parent }) => (parent === null ? null : bridgeOf(parent, jobs)));
  const ordered: JobView[] = [];
  const waiting = [...(below.get(null) ?? [])].reverse();
  for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) {
    ordered.push(job);
    waiting.push(...(below.get(job.label) ?? []).toReversed());
  }
  return ordered;
}

/** The way to a pipeline of another project ends with that project: `deploy (group/name)`. */
function bridgeOf(way: string, jobs: RunView['jobs']): string | null {
  if (jobs.has(way)) return way;
  const job = way.replace(/ \([^()]*\)$/, '');
  return jobs.has(job) ? job : null;
}
