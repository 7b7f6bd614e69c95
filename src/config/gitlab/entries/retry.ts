import type { Retry } from '../../../pipeline/index.ts';
import { attribute, byKind, into, listOf, record } from './collections.ts';
import { complain, type Entry, type Shape } from './entry.ts';
import { integer, integerOf, textOf } from './scalars.ts';

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
  'runner_configuration_error',
  'runner_external_dependency_failure',
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
  'insufficient_upstream_permissions',
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
  'reached_downstream_pipeline_trigger_rate_limit',
  'duo_workflow_not_allowed',
  'job_router_failure',
  'job_token_expired',
  'failed_outdated_deployment_job',
] as const;

const MOST_RETRIES = 2;

const EXIT_CODES = 'should be an array of integers or an integer';

/** GitLab takes any number; one that no program can end with never matches. */
const exitCode: Entry<number> = {
  shape: { type: 'integer' },
  read: (node, at) => integerOf(node) ?? complain(at, node.span, EXIT_CODES),
};

/** Exit codes: one number or several. */
export const exitCodes: Entry<readonly number[]> = byKind(
  { scalar: into(exitCode, (code) => [code]), sequence: listOf(exitCode) },
  EXIT_CODES,
);

interface RetryKeys {
  max: number;
  when: readonly string[];
  exit_codes: readonly number[];
}

/** `retry`: how often, and after which failures. */
export const retry: Entry<Retry> = byKind(
  {
    scalar: into(integer(0, MOST_RETRIES, 'has to be either an integer or a hash'), (count) => ({
      max: count,
      when: [],
      exitCodes: [],
    })),
    mapping: into(
      record<RetryKeys>({
        max: attribute(maximum()),
        when: attribute(reasons()),
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

/** A number, also as text. */
function maximum(): Entry<number> {
  return {
    shape: { type: 'integer', minimum: 0, maximum: MOST_RETRIES },
    read(node, at) {
      const written = node.kind === 'scalar' ? node.value : null;
      const value = typeof written === 'string' && /^[+-]?\d+$/.test(written) ? Number(written) : written;
      if (typeof value !== 'number') return complain(at, node.span, 'is not a number');
      if (!Number.isInteger(value)) return complain(at, node.span, 'must be an integer');
      if (value > MOST_RETRIES)
        return complain(at, node.span, `must be less than or equal to ${MOST_RETRIES}`);
      return value < 0 ? complain(at, node.span, 'must be greater than or equal to 0') : value;
    },
  };
}

function reasons(): Entry<readonly string[]> {
  const known: ReadonlySet<string> = new Set(REASONS);
  const message = 'should be an array of strings or a string';
  const hint = `Known are: ${REASONS.join(', ')}.`;
  const one: Shape = { type: 'enum', values: REASONS };
  return {
    shape: { type: 'one-of', choices: [one, { type: 'list', items: one }] },
    read(node, at) {
      const items = node.kind === 'sequence' ? node.items : [node];
      const found: string[] = [];
      for (const item of items) {
        const reason = textOf(item);
        if (reason === null) return complain(at, item.span, message);
        if (!known.has(reason)) {
          const text = node === item ? 'is not included in the list' : `contains unknown values: ${reason}`;
          return complain(at, item.span, text, { hint });
        }
        found.push(reason);
      }
      return found;
    },
  };
}
