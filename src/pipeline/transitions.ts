import type { PipelineEvent } from './event.ts';
import type { JobStatus } from './status.ts';

/**
 * What moves a job: an event that names it, one of the two that concern the whole pipeline, or one of three things
 * that follow from what happened to another job.
 *
 * - `decided`: what the job waits for is settled, so it starts, waits for a person or a timer, or is skipped;
 * - `revived`: a job before it, which was settled, runs again, so that a skipped job gets another chance;
 * - `retried-automatically`: `retry` gives a failed job another attempt, in the same step in which it failed.
 */
export type Cause = JobEventType | 'pipeline-canceled' | 'decided' | 'revived' | 'retried-automatically';

type JobEventType = Extract<PipelineEvent, { readonly job: string }>['type'];

/**
 * The life of a job: from → cause → where it may go. A cause that is not listed for a status is ignored there, which
 * is what makes late and repeated messages harmless.
 *
 * A job begins as `created` and stays so until what it waits for is settled. Then it is `skipped`, waits as `manual`
 * for a person or as `scheduled` for a timer, or is handed out: through `waiting_for_resource` when it has a resource
 * group, then `pending` until a runner takes it, then `running`. Canceling a job that somebody works on asks them to
 * stop and waits for their answer (`canceling`); any other job is `canceled` on the spot. A bridge is `pending` until
 * its downstream pipeline exists, and `running` while it follows that pipeline's status, also when that goes on after its
 * end. A job whose end was reported
 * before its start counts as ended: messages of one runner may overtake each other.
 *
 * `preparing` and `waiting_for_callback` are GitLab's; nothing of ours leads there.
 */
export const TRANSITIONS: Readonly<
  Record<JobStatus, Readonly<Partial<Record<Cause, readonly JobStatus[]>>>>
> = {
  created: {
    decided: ['waiting_for_resource', 'pending', 'manual', 'scheduled', 'skipped'],
    'job-canceled': ['canceled'],
    'pipeline-canceled': ['canceled'],
  },
  manual: {
    'job-played': ['waiting_for_resource', 'pending'],
    'downstream-changed': ['running', 'success', 'failed', 'canceled', 'skipped'],
    'job-canceled': ['canceled', 'canceling'],
    'pipeline-canceled': ['canceled', 'canceling'],
  },
  scheduled: {
    'delay-elapsed': ['waiting_for_resource', 'pending'],
    'job-played': ['waiting_for_resource', 'pending'],
    'job-unscheduled': ['manual'],
    'job-canceled': ['canceled'],
    'pipeline-canceled': ['canceled'],
  },
  waiting_for_resource: {
    'resource-granted': ['pending'],
    'job-canceled': ['canceled'],
    'pipeline-canceled': ['canceled'],
  },
  preparing: {},
  waiting_for_callback: {},
  pending: {
    'job-started': ['running'],
    'job-finished': ['success', 'failed', 'canceled'],
    'downstream-created': ['running', 'success'],
    'downstream-refused': ['failed'],
    'job-canceled': ['canceled', 'canceling'],
    'pipeline-canceled': ['canceled', 'canceling'],
  },
  running: {
    'job-finished': ['success', 'failed', 'canceled'],
    'downstream-changed': ['manual', 'success', 'failed', 'canceled', 'skipped'],
    'job-canceled': ['canceling'],
    'pipeline-canceled': ['canceling'],
  },
  canceling: {
    'job-finished': ['canceled'],
    'downstream-created': ['canceling', 'canceled'],
    'downstream-refused': ['canceled'],
    'downstream-changed': ['canceled'],
  },
  success: { 'job-retried': ['created'], 'downstream-resumed': ['running'] },
  failed: {
    'job-retried': ['created'],
    'retried-automatically': ['created'],
    'downstream-resumed': ['running'],
  },
  canceled: { 'job-retried': ['created'], 'downstream-resumed': ['running'] },
  skipped: { revived: ['created'], 'downstream-resumed': ['running'] },
};
