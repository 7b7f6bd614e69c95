export { buildSpec, DEFAULT_TIMEOUT_SECONDS, type SpecScope } from './build-spec.ts';
export type * from './job-spec.ts';
export { readJobEnvironment } from './read-job-spec.ts';
export type * from './rest/schemas.ts';
export { type StepScript, scriptOf } from './step-script.ts';
export { readTimedLog, type TimedLogReader } from './timed-log.ts';
export { type ArtifactFormat, artifactFormat } from './wire/artifact-format.ts';
export { finalCacheKey } from './wire/cache-keys.ts';
export { fromWire, type JobAccess } from './wire/from-wire.ts';
export {
  missingFeatures,
  needsPlace,
  requiredFeatures,
  SLIPWAY_PLACE,
  SLIPWAY_STEPS,
} from './wire/required-features.ts';
export { RUNNER_INTERRUPTED, toWire, type WireScope } from './wire/to-wire.ts';
export type * from './wire/wire-types.ts';

/** The schemas of the wire form; the library they are made with is loaded only now, because a local run needs none. */
export async function wireSchemas() {
  const [job, requests] = await Promise.all([import('./wire/job-schema.ts'), import('./wire/requests.ts')]);
  return { ...requests, WireJob: job.WireJob };
}

/** The schemas of the REST API; loaded only now, as those of the wire form. */
export function restSchemas() {
  return import('./rest/schemas.ts');
}
