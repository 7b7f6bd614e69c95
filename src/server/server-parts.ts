import type { Clock } from '../base/clock.ts';
import type { PipelineContext } from '../config/index.ts';
import type { Blobs, Outbox, PipelineStore, Queue, ResourceGroups, Store } from '../store/index.ts';
import type { Commits, Repositories } from './git/index.ts';
import type { Deletion } from './housekeeping/deletion.ts';
import type { StuckLanes } from './housekeeping/stuck-jobs.ts';
import type { MergeRequestPipelines } from './merge-requests/merge-request-pipelines.ts';
import type { PipelineMaker } from './pipelines/create-pipeline.ts';
import type { Places } from './places/places.ts';

/** What a running server is made of, for whoever answers requests with it. */
export interface ServerParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pipelines: PipelineStore;
  readonly repositories: Repositories;
  readonly commits: Commits;
  readonly maker: PipelineMaker;
  readonly outbox: Outbox;
  readonly queue: Queue;
  readonly groups: ResourceGroups;
  readonly places: Places;
  readonly deletion: Deletion;
  readonly stuckLanes: StuckLanes;
  readonly mergeRequests: MergeRequestPipelines;
  readonly clock: Clock;
  readonly server: PipelineContext['server'];
  readonly administrator: PipelineContext['user'];
}
