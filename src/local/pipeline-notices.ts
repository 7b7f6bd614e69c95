import type { BuildJob, Job, Plan } from '../pipeline/index.ts';

/**
 * What a person should know of a pipeline before its jobs run, as sentences; each once, however many jobs it is about.
 * `hasNoEngine`: whether a job runs in a container that is given no Docker engine.
 */
export function noticesOf(plan: Plan, hasNoEngine: (job: BuildJob) => boolean): readonly string[] {
  const jobs = plan.jobs.flatMap((job) => (job.kind === 'build' ? [job] : []));
  const tags = [...new Set(jobs.flatMap((job) => job.tags))];
  const seeking = jobs.filter((job) => seeksEngine(job) && hasNoEngine(job)).map(({ name }) => `'${name}'`);
  return [
    ...(tags.length === 0
      ? []
      : [`Tags choose no runner here, every job runs on this machine: ${tags.join(', ')}.`]),
    ...(seeking.length === 0
      ? []
      : [
          `The image of ${listed(seeking)} is that of the Docker command, and there is no engine for it. slipway run --engine-socket gives containers this machine's, and with it all of this machine.`,
        ]),
  ];
}

/** Whether its image is made for asking an engine, and nothing says where one is. One that waits to be played may never run. */
function seeksEngine({ image, services, variables, when }: BuildJob): boolean {
  if (image === null || when === 'manual' || Object.hasOwn(variables, 'DOCKER_HOST')) return false;
  const isClient = /(?:^|\/)docker(?::[^/]*)?(?:@[^/]*)?$/.test(image.name);
  return isClient && !services.some(({ name }) => name.includes('dind'));
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

const MOST_NAMED = 5;

/** What a manual job asks whoever plays it; null for one that asks nothing. */
export function confirmationOf(job: Job, played: boolean): string | null {
  if (job.manualConfirmation === null) return null;
  return played
    ? `${job.name} is played, which confirms: ${job.manualConfirmation}`
    : `${job.name} waits to be played, and asks: ${job.manualConfirmation}`;
}
