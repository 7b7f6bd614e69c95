import type { Job, Plan } from '../pipeline/index.ts';

/** What a person should know of a pipeline before its jobs run, as sentences; each once, however many jobs it is about. */
export function noticesOf(plan: Plan): readonly string[] {
  const tags = new Set(plan.jobs.flatMap((job) => (job.kind === 'build' ? job.tags : [])));
  if (tags.size === 0) return [];
  return [`Tags choose no runner here, every job runs on this machine: ${[...tags].join(', ')}.`];
}

/** What a manual job asks whoever plays it; null for one that asks nothing. */
export function confirmationOf(job: Job, played: boolean): string | null {
  if (job.manualConfirmation === null) return null;
  return played
    ? `${job.name} is played, which confirms: ${job.manualConfirmation}`
    : `${job.name} waits to be played, and asks: ${job.manualConfirmation}`;
}
