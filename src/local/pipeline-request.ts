import type { PipelineContext, PipelineReading, Sources } from '../config/index.ts';
import type { PipelineIdentity } from '../downstream/index.ts';
import type { Job, PipelineStatus, Plan } from '../pipeline/index.ts';
import type { JobVariable } from '../protocol/index.ts';
import type { SharedFolders } from '../runner/index.ts';
import type { RunEvent } from './run-events.ts';
import type { RunHost } from './run-host.ts';
import type { RunProject } from './run-projects.ts';

/** One pipeline to run: the person's own, or one downstream of it. */
export interface PipelineRequest {
  readonly plan: Plan;
  readonly context: PipelineContext;
  readonly sources: Sources;
  readonly project: RunProject;
  /** The bridge jobs that lead here, outermost first, each with the project it leads to when that is another one. */
  readonly within: readonly string[];
  /** The pipelines that lead here and this one, the first one first. */
  readonly lineage: readonly PipelineIdentity[];
  /** Where a keyword of a job was written. */
  readonly placeOf: PipelineReading['placeOf'];
  /** Jobs that are played as soon as they wait for a person or a delay. */
  readonly played: ReadonlySet<string>;
  readonly cancel: AbortSignal;
  readonly onStatus: (status: PipelineStatus) => void;
}

export interface PipelineResult {
  /** `manual` when only a person could make it go on. */
  readonly status: PipelineStatus;
  /** A child that no job of this pipeline answers for (no `strategy`) has failed. */
  readonly detachedFailure: boolean;
}

/** What the jobs of one running pipeline share. */
export interface PipelineScope {
  readonly request: PipelineRequest;
  /** What finished jobs left for later ones, by name. */
  readonly kept: Map<string, KeptOutputs>;
  /** What jobs of this pipeline share on disk. */
  readonly shared: SharedFolders;
  readonly fetchedJobs: (job: Job) => readonly string[];
  emit(event: RunEvent): void | Promise<void>;
}

export interface KeptOutputs {
  readonly jobId: number;
  readonly passed: boolean;
  readonly hasArchive: boolean;
  readonly dotenv: readonly JobVariable[];
}

export type RunPipeline = (host: RunHost, request: PipelineRequest) => Promise<PipelineResult>;
