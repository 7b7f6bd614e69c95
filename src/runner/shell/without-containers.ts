import type { JobSpec } from '../../protocol/index.ts';

/** What a job asks for that needs a container engine: sentences for the log of one that runs without. */
export function missedWithoutContainers(job: JobSpec): readonly string[] {
  const sentences: string[] = [];
  if (job.image !== null) {
    sentences.push(`The image ${job.image.name} is not used: this job runs in this machine's shell.`);
  }
  if (job.services.length > 0) {
    const names = job.services.map((service) => service.name).join(', ');
    sentences.push(`Services are not started for a job in this machine's shell: ${names}.`);
  }
  return sentences;
}
