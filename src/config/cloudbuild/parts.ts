import type { Problem } from '../../base/problem.ts';
import type { BuildJob } from '../../pipeline/index.ts';
import type { Settings } from '../settings/settings.ts';
import type { BuildSecrets } from './secrets.ts';
import type { BuildSubstitutions } from './substitutions.ts';
import type { BuildVolumes } from './volumes.ts';

/** What every job of a build is made with. */
export interface BuildParts {
  readonly settings: Settings;
  readonly substitutions: BuildSubstitutions;
  readonly secrets: BuildSecrets;
  readonly volumes: BuildVolumes;
  /** The whole build's. */
  readonly timeoutSeconds: number;
  readonly problems: Problem[];
}

/** The stage of all jobs: what waits for what is said by their needs. */
export const STAGE = 'build';

export const WORKSPACE = { name: 'workspace', path: '/workspace' } as const;

/** What is the same in every job of a build. */
export const PLAIN_JOB = {
  kind: 'build',
  stage: STAGE,
  when: 'on_success',
  startInSeconds: null,
  allowFailure: false,
  allowFailureExitCodes: [],
  interruptible: false,
  resourceGroup: null,
  environment: null,
  manualConfirmation: null,
  parallel: null,
  beforeScript: null,
  script: [],
  afterScript: null,
  preGetSourcesScript: null,
  tags: [],
  image: null,
  services: [],
  caches: [],
  artifacts: null,
  dependencies: null,
  outsideNeeds: [],
  retry: null,
  coverage: null,
  carried: {},
} as const satisfies Partial<BuildJob>;
