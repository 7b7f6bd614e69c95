import type { BuildJob } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';

/** What a job can have and neither CodeBuild nor Cloud Build can say; so that nothing is lost unseen if one does. */
export function unsaid(job: BuildJob): readonly Remark[] {
  return Object.entries(UNSAID)
    .filter(([, isSet]) => isSet(job))
    .map(([key]) => ({ job: job.name, key, kind: 'dropped', text: `${key} is not carried over.` }));
}

const UNSAID: Readonly<Record<string, (job: BuildJob) => boolean>> = {
  after_script: (job) => job.afterScript !== null,
  before_script: (job) => job.beforeScript !== null,
  coverage: (job) => job.coverage !== null,
  dependencies: (job) => job.dependencies !== null,
  environment: (job) => job.environment !== null,
  further: (job) => Object.keys(job.carried).length > 0 || job.outsideNeeds.length > 0,
  hooks: (job) => job.preGetSourcesScript !== null,
  interruptible: (job) => job.interruptible,
  manual_confirmation: (job) => job.manualConfirmation !== null,
  parallel: (job) => job.parallel !== null,
  resource_group: (job) => job.resourceGroup !== null,
  retry: (job) => job.retry !== null,
  services: (job) => job.services.length > 0,
  start_in: (job) => job.startInSeconds !== null,
  tags: (job) => job.tags.length > 0,
};
