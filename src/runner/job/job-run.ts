import { posix } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { JobCache, JobSpec } from '../../protocol/index.ts';
import type { JobEnvironment, ScriptResult } from '../executor.ts';
import type { SectionedLog } from '../log/sectioned-log.ts';
import type { ArtifactStore, CacheStore } from '../ports.ts';
import { shellScript } from '../script/shell-script.ts';
import type { JobVariables } from './job-variables.ts';

/** A job whose environment stands: what all its stages work with. */
export interface JobRun {
  readonly job: JobSpec;
  readonly environment: JobEnvironment;
  readonly variables: JobVariables;
  readonly caches: CacheStore;
  readonly artifacts: ArtifactStore;
  readonly log: SectionedLog;
  readonly clock: Clock;
  /** As in WorkspaceSource. */
  readonly honours: ReadonlySet<string>;
}

/** Runs lines of the job in a shell of their own. */
export function runLines(
  run: JobRun,
  lines: readonly string[],
  signal: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<ScriptResult> {
  const { environment, variables, log } = run;
  const exported = new Map([...variables.exported, ...Object.entries(more)]);
  const { projectDir } = environment;
  const script = shellScript({ variables: exported, projectDir, folder: startFolder(run), lines });
  return environment.run({ script, log, signal, graceSeconds: GRACE_SECONDS });
}

/** Where the job's script or command starts, in its world. */
export function startFolder({ job, environment }: JobRun): string {
  return posix.resolve(environment.projectDir, job.sharedWorkspace?.folder ?? '');
}

/** How long a script that is to end may take to clean up after itself. */
export const GRACE_SECONDS = 10;

/** A job's stages up to its script restore caches and work out their keys; the keys are needed again to save them. */
export type ResolvedCaches = readonly JobCache[];
