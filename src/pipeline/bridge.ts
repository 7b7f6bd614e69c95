import { type Draft, jobAt, moveJob, noteDownstream } from './draft.ts';
import type { PipelineEvent } from './event.ts';
import { failJob } from './failure.ts';
import type { BridgeJob, Trigger } from './plan.ts';
import { reviveSkippedAfter } from './reopen.ts';
import { isCompleted, type JobStatus, type PipelineStatus } from './status.ts';

export type BridgeEvent = Extract<PipelineEvent, { readonly type: `downstream-${string}` }>;

/** What the pipeline that a bridge triggers means for the bridge. */
export function advanceBridge(draft: Draft, index: number, job: BridgeJob, event: BridgeEvent): void {
  switch (event.type) {
    case 'downstream-created':
      downstreamCreated(draft, index, job);
      return;
    case 'downstream-refused':
      downstreamRefused(draft, index, event);
      return;
    case 'downstream-resumed':
      downstreamResumed(draft, index, job);
      return;
    case 'downstream-changed':
      downstreamChanged(draft, index, job, event.status);
  }
}

function downstreamCreated(draft: Draft, index: number, job: BridgeJob): void {
  const { status, attempt, hasDownstream } = jobAt(draft, index);
  if (hasDownstream) return;
  const followed = job.trigger.strategy !== null;
  if (status === 'pending') {
    moveJob(draft, index, 'downstream-created', followed ? 'running' : 'success', { hasDownstream: true });
    return;
  }
  if (followed) noteDownstream(draft, index);
  else moveJob(draft, index, 'downstream-created', 'canceled', { hasDownstream: true });
  draft.commands.push({ type: 'cancel-downstream', job: job.name, attempt });
}

function downstreamRefused(
  draft: Draft,
  index: number,
  event: Extract<BridgeEvent, { readonly type: 'downstream-refused' }>,
): void {
  const { status, hasDownstream } = jobAt(draft, index);
  if (hasDownstream) return;
  if (status === 'canceling') moveJob(draft, index, event.type, 'canceled');
  else failJob(draft, index, event.type, { reason: event.reason, exitCode: null });
}

function downstreamChanged(draft: Draft, index: number, job: BridgeJob, downstream: PipelineStatus): void {
  const { status, hasDownstream } = jobAt(draft, index);
  if (!hasDownstream) return;
  if (status === 'canceling') {
    if (isCompleted(downstream)) moveJob(draft, index, 'downstream-changed', 'canceled');
    return;
  }
  const to = followedStatus(job.trigger.strategy, downstream);
  if (to === status) return;
  if (to === 'failed') {
    failJob(draft, index, 'downstream-changed', { reason: 'downstream_pipeline_failed', exitCode: null });
  } else {
    moveJob(draft, index, 'downstream-changed', to);
  }
}

/**
 * The bridge follows its pipeline once more, and what was skipped because of it gets another chance. One that has given
 * a resource back does not: its pipeline is the only one that could go on, and somebody else may have the resource.
 */
function downstreamResumed(draft: Draft, index: number, job: BridgeJob): void {
  if (!jobAt(draft, index).hasDownstream || job.trigger.strategy === null || job.resourceGroup !== null)
    return;
  moveJob(draft, index, 'downstream-resumed', 'running', { allowedToFail: job.allowFailure });
  reviveSkippedAfter(draft, index);
}

/** `mirror` shows what the pipeline shows; `depend` only asks whether it passed, and waits as long as that is open. */
function followedStatus(strategy: Trigger['strategy'], downstream: PipelineStatus): JobStatus {
  const shown = downstream === 'manual' || isCompleted(downstream) ? downstream : 'running';
  if (strategy === 'mirror') return shown;
  if (shown === 'manual') return 'running';
  return shown === 'skipped' ? 'failed' : shown;
}
