import type { AutoCancel, BridgeJob, BuildJob, Job, JobBase, Need, Plan, Retry, Trigger } from '../plan.ts';

/** A job before it has a place: `plan` gives it the stage it is listed under. */
export type JobSketch = Omit<BuildJob, 'stage'> | Omit<BridgeJob, 'stage'>;

/** What is left out is as in a file that does not mention it. A need given as a name takes the artifacts too. */
export interface JobOptions
  extends Partial<
    Pick<Job, 'when' | 'allowFailure' | 'allowFailureExitCodes' | 'resourceGroup' | 'parallel'>
  > {
  /** For `when: delayed`. */
  readonly startInSeconds?: number;
  readonly needs?: readonly (string | NeedOptions)[] | null;
}

type NeedOptions = Pick<Need, 'job'> & Partial<Need>;

/** A plan from its stages, in order, each with its jobs: `plan({ build: [job('compile')], test: [job('unit')] })`. */
export function plan(
  stages: Readonly<Record<string, readonly JobSketch[]>>,
  autoCancel: Partial<AutoCancel> = {},
): Plan {
  const jobs = Object.entries(stages).flatMap(([stage, sketches]) =>
    sketches.map((sketch): Job => ({ ...sketch, stage })),
  );
  return {
    version: 1,
    name: null,
    stages: Object.keys(stages).filter((stage) => jobs.some((one) => one.stage === stage)),
    jobs,
    variables: {},
    autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none', ...autoCancel },
  };
}

export function job(
  name: string,
  options: JobOptions & { readonly retry?: Partial<Retry> } = {},
): Omit<BuildJob, 'stage'> {
  const { retry, ...rest } = options;
  return {
    ...baseOf(name, rest),
    kind: 'build',
    beforeScript: null,
    script: ['true'],
    afterScript: null,
    preGetSourcesScript: null,
    tags: [],
    image: null,
    services: [],
    caches: [],
    artifacts: null,
    dependencies: null,
    outsideNeeds: [],
    retry: retry === undefined ? null : { max: 1, when: [], exitCodes: [], ...retry },
    timeoutSeconds: null,
    coverage: null,
    carried: {},
  };
}

export function bridge(
  name: string,
  options: JobOptions & { readonly strategy?: Trigger['strategy'] } = {},
): Omit<BridgeJob, 'stage'> {
  const { strategy = null, ...rest } = options;
  return {
    ...baseOf(name, rest),
    kind: 'bridge',
    trigger: {
      target: { kind: 'child', includes: [{ kind: 'local', path: 'child.yml', inputs: {} }] },
      strategy,
      forward: { yamlVariables: true, pipelineVariables: false },
      inputs: {},
    },
  };
}

function baseOf(name: string, options: JobOptions): Omit<JobBase, 'stage'> {
  const when = options.when ?? 'on_success';
  return {
    name,
    when,
    startInSeconds: when === 'delayed' ? (options.startInSeconds ?? 60) : null,
    allowFailure: options.allowFailure ?? false,
    allowFailureExitCodes: options.allowFailureExitCodes ?? [],
    interruptible: false,
    needs: options.needs?.map(needOf) ?? null,
    variables: {},
    resourceGroup: options.resourceGroup ?? null,
    environment: null,
    manualConfirmation: null,
    parallel: options.parallel ?? null,
  };
}

function needOf(need: string | NeedOptions): Need {
  return { artifacts: true, optional: false, ...(typeof need === 'string' ? { job: need } : need) };
}
