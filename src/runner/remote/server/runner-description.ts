import { type RunnerInfo, SLIPWAY_PLACE, SLIPWAY_STEPS } from '../../../protocol/index.ts';

export type RunnerDescription = RunnerInfo & { readonly executor: string };

/**
 * What this machine says of itself, and what it can do: a server gives it only jobs that need no more. What is missing
 * in the list is not done here: other steps than script and after_script, secrets of a vault, terminals.
 *
 * @param processName which no other process has; absent: it takes no jobs
 */
export function describeRunner(
  version: string,
  executor: 'auto' | 'shell' | 'docker',
  processName?: string,
): RunnerDescription {
  return {
    name: 'slipway',
    version,
    revision: 'release',
    platform: process.platform,
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    // The servers' lists know only the official runner's words.
    executor: executor === 'shell' ? 'shell' : 'docker',
    shell: 'bash',
    ...(processName === undefined ? {} : { process: processName }),
    features: Object.fromEntries([...FEATURES, ...(executor === 'shell' ? [] : OF_CONTAINERS)].map(isThere)),
  };
}

function isThere(feature: string): readonly [string, true] {
  return [feature, true];
}

const FEATURES = [
  ...['variables', 'raw_variables', 'masking', 'refspecs', 'return_exit_code'],
  ...['artifacts', 'artifacts_exclude', 'upload_multiple_artifacts', 'upload_raw_artifacts'],
  ...['cache', 'fallback_cache_keys'],
  ...['trace_reset', 'trace_checksum', 'trace_size', 'cancelable', 'cancel_gracefully'],
  ...[SLIPWAY_STEPS, SLIPWAY_PLACE],
];

const OF_CONTAINERS = [
  ...['image', 'services', 'service_variables', 'service_multiple_aliases'],
  ...['image_executor_opts', 'service_executor_opts'],
];
