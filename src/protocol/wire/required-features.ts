import type { JobSpec } from '../job-spec.ts';
import { artifactFormat } from './artifact-format.ts';

/**
 * The features without which a runner would do something else than the job says. A runner that lacks one must not get
 * it; where no runner has them all, the job fails as `runner_unsupported` rather than pass without having been done.
 * The last two are Slipway's own: GitLab's protocol cannot say a command without a shell, a shared workspace or volumes.
 */
export function requiredFeatures(spec: JobSpec, exitCodesMatter: boolean): readonly string[] {
  const { artifacts, services, image } = spec;
  const needed: readonly (readonly [string, boolean])[] = [
    ['variables', spec.variables.length > 0],
    ['artifacts', artifacts.length > 0],
    ['artifacts_exclude', artifacts.some(({ exclude }) => exclude.length > 0)],
    ['upload_multiple_artifacts', artifacts.length > 1 || artifacts.some(({ type }) => type !== 'archive')],
    ['upload_raw_artifacts', artifacts.some(({ type }) => artifactFormat(type) === 'raw')],
    ['cache', spec.caches.length > 0],
    ['fallback_cache_keys', spec.caches.some(({ fallbackKeys }) => fallbackKeys.length > 0)],
    ['return_exit_code', exitCodesMatter],
    ['service_variables', services.some(({ variables }) => variables.length > 0)],
    ['service_multiple_aliases', services.some(({ aliases }) => aliases.length > 1)],
    ['image_executor_opts', image !== null && (image.platform !== null || image.user !== null)],
    ['service_executor_opts', services.some(({ platform, user }) => platform !== null || user !== null)],
    [SLIPWAY_STEPS, needsSlipwaySteps(spec)],
    [SLIPWAY_PLACE, needsPlace(spec)],
  ];
  return needed.flatMap(([feature, isNeeded]) => (isNeeded ? [feature] : []));
}

export const SLIPWAY_STEPS = 'slipway_steps';
/** A runner that has it keeps files of a pipeline between its jobs, which all go to the process that got the first. */
export const SLIPWAY_PLACE = 'slipway_place';

/** Those of `required` that a runner does not say it has. */
export function missingFeatures(
  required: readonly string[],
  features: Readonly<Record<string, unknown>>,
): readonly string[] {
  return required.filter((feature) => !Object.hasOwn(features, feature) || features[feature] !== true);
}

function needsSlipwaySteps({ command, sharedWorkspace, volumes }: JobSpec): boolean {
  return command !== undefined || needsPlace({ sharedWorkspace, volumes });
}

/** Whether a job shares files with others of its pipeline, so that they have to run in one place. */
export function needsPlace({
  sharedWorkspace,
  volumes = [],
}: {
  readonly sharedWorkspace?: unknown;
  readonly volumes?: readonly unknown[] | undefined;
}): boolean {
  return sharedWorkspace !== undefined || volumes.length > 0;
}
