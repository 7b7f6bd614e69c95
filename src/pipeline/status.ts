/** The states of a job, GitLab's names. `waiting_for_callback` appears only in composite tables. */
export const JOB_STATUSES = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
  'success',
  'failed',
  'canceling',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

/** What a stage or a pipeline can be: the same words. */
export type PipelineStatus = JobStatus;

/** Why a job failed, GitLab's names; `retry:when` is matched against these. */
export type FailureReason =
  | 'unknown_failure'
  | 'script_failure'
  | 'runner_system_failure'
  | 'missing_dependency_failure'
  | 'job_execution_timeout'
  | 'image_pull_failure'
  | 'runner_unsupported'
  | 'data_integrity_failure'
  | 'downstream_pipeline_creation_failed'
  | 'downstream_pipeline_failed';

export function isCompleted(status: JobStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped';
}
