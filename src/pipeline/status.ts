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
export const FAILURE_REASONS = [
  'unknown_failure',
  'script_failure',
  'api_failure',
  'stuck_or_timeout_failure',
  'runner_system_failure',
  'runner_configuration_error',
  'runner_external_dependency_failure',
  'missing_dependency_failure',
  'runner_unsupported',
  'stale_schedule',
  'job_execution_timeout',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
  'trace_size_exceeded',
  'image_pull_failure',
  'forward_deployment_failure',
  'environment_creation_failure',
  'ci_quota_exceeded',
  'no_matching_runner',
  'downstream_bridge_project_not_found',
  'invalid_bridge_trigger',
  'upstream_bridge_project_not_found',
  'pipeline_loop_detected',
  'reached_max_descendant_pipelines_depth',
  'reached_max_pipeline_hierarchy_size',
  'downstream_pipeline_creation_failed',
  'downstream_pipeline_failed',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

export function isCompleted(status: JobStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped';
}
