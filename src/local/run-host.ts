import type { Clock } from '../base/clock.ts';
import type { BuildJob } from '../pipeline/index.ts';
import type { Executor } from '../runner/index.ts';
import type { JobSlots } from './job-slots.ts';
import type { KeptJobs } from './keep-jobs.ts';
import type { LinkedArtifacts } from './linked-artifacts.ts';
import type { PipelineScope } from './pipeline-request.ts';
import type { ResourceLocks } from './resource-locks.ts';
import type { RunListener } from './run-events.ts';
import type { RunProjects } from './run-projects.ts';

/** What all pipelines of one local run share: the one the person asked for, its children, and those of
 * other projects. */
export interface RunHost {
  executorFor(job: BuildJob): Executor;
  readonly projects: RunProjects;
  readonly artifacts: LinkedArtifacts;
  readonly slots: JobSlots;
  readonly resources: ResourceLocks;
  readonly clock: Clock;
  readonly listener: RunListener;
  /** Where the logs of jobs go. */
  readonly logFolder: string;
  /** Takes back what a job has written as another user: see Executor.reclaim. */
  reclaim(folder: string): Promise<void>;
  /** Temporary files of jobs. */
  readonly scratchRoot: string;
  /** The image of jobs that name none, when they run in containers. */
  readonly defaultImage: string | null;
  /** Containers have the engine's socket. */
  readonly engineSocket: boolean;
  /** What is kept of the jobs to step into them; null: nothing. */
  readonly kept: KeptJobs | null;
  /** All pipelines of the run so far, by their numbers, in the order they started. */
  readonly pipelinesById: Map<number, PipelineScope>;
  readonly environment: NodeJS.ProcessEnv;
  nextJobId(): number;
  nextPipelineId(): number;
  /** Warnings about downstream pipelines that were told already. */
  readonly told: Set<string>;
  /** Everything is stopped at once: the person insists, or this program has a defect. */
  readonly kill: AbortSignal;
  /** Makes that so. */
  stopEverything(): void;
}
