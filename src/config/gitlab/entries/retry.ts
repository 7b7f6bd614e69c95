import type { Retry } from '../../../pipeline/index.ts';
import { attribute, byKind, into, listOf, record } from './collections.ts';
import type { Entry } from './entry.ts';
import { integer, word } from './scalars.ts';

/** Why a job can fail, as `retry:when` names it; `always` stands for all of them. */
const REASONS = [
  'always',
  'unknown_failure',
  'script_failure',
  'api_failure',
  'stuck_or_timeout_failure',
  'stuck_pending',
  'no_matching_runner',
  'runner_system_failure',
  'runner_interrupted',
  'runner_unsupported',
  'runner_provisioning_timeout',
  'missing_dependency_failure',
  'stale_schedule',
  'job_execution_timeout',
  'job_execution_server_timeout',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
  'forward_deployment_failure',
  'protected_environment_failure',
  'user_blocked',
  'project_deleted',
  'ci_quota_exceeded',
  'environment_creation_failure',
  'secrets_provider_not_found',
  'insufficient_bridge_permissions',
  'downstream_bridge_project_not_found',
  'invalid_bridge_trigger',
  'upstream_bridge_project_not_found',
  'downstream_pipeline_creation_failed',
  'bridge_pipeline_is_child_pipeline',
  'pipeline_loop_detected',
  'reached_max_descendant_pipelines_depth',
  'reached_max_pipeline_hierarchy_size',
  'ip_restriction_failure',
  'deployment_rejected',
  'trace_size_exceeded',
  'builds_disabled',
  'duo_workflow_not_allowed',
  'job_token_expired',
  'failed_outdated_deployment_job',
] as const;

const exitCode = integer(0, 255, 'should be an array of integers or an integer');

/** Exit codes: one number or several. */
export const exitCodes: Entry<readonly number[]> = byKind(
  { scalar: into(exitCode, (code) => [code]), sequence: listOf(exitCode) },
  'should be an array of integers or an integer',
);

interface RetryKeys {
  max: number;
  when: readonly string[];
  exit_codes: readonly number[];
}

/** `retry`: how often, and after which failures. */
export const retry: Entry<Retry> = byKind(
  {
    scalar: into(integer(0, 2, 'has to be either an integer or a hash'), (count) => ({
      max: count,
      when: [],
      exitCodes: [],
    })),
    mapping: into(
      record<RetryKeys>({
        max: attribute(integer(0, 2)),
        when: attribute(listOf(word(REASONS, 'is not included in the list:'), { single: true })),
        exit_codes: attribute(exitCodes),
      }),
      ({ values }) => {
        const always = values.when?.includes('always') === true;
        return {
          max: values.max ?? 0,
          when: always ? [] : (values.when ?? []),
          exitCodes: always ? [] : (values.exit_codes ?? []),
        };
      },
    ),
  },
  'has to be either an integer or a hash',
);
