import type { ProcessOwner } from '../owner/process-owner.ts';

/** Every container, network and volume of a run says in its labels whose it is. */
export const LABELS = {
  run: 'dev.slipway.run',
  job: 'dev.slipway.job',
  jobName: 'dev.slipway.job-name',
  ownerPid: 'dev.slipway.owner-pid',
  ownerStart: 'dev.slipway.owner-start',
  ownerBoot: 'dev.slipway.owner-boot',
  ownerNamespace: 'dev.slipway.owner-namespace',
} as const;

export function ownerLabels(owner: ProcessOwner, runId: string): Readonly<Record<string, string>> {
  return {
    [LABELS.run]: runId,
    [LABELS.ownerPid]: String(owner.pid),
    [LABELS.ownerStart]: owner.start,
    [LABELS.ownerBoot]: owner.boot,
    [LABELS.ownerNamespace]: owner.namespace,
  };
}

/** The owner written in labels; null when they are not ours. */
export function ownerFromLabels(labels: Readonly<Record<string, string>> | null): ProcessOwner | null {
  const pid = Number(labels?.[LABELS.ownerPid]);
  const start = labels?.[LABELS.ownerStart];
  const boot = labels?.[LABELS.ownerBoot];
  const namespace = labels?.[LABELS.ownerNamespace];
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (start === undefined || boot === undefined || namespace === undefined) return null;
  return { pid, start, boot, namespace };
}
