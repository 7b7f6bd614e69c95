export { isBlobKey } from './blobs/blob-key.ts';
export type { BlobContent, Blobs, ByteRange, PutLimits, StoredBlob, Traces } from './blobs/blobs.ts';
export { type BlobOptions, openBlobs } from './blobs/open-blobs.ts';
export * from './jobs/artifact-expiry.ts';
export * from './jobs/artifacts.ts';
export * from './jobs/erase-job.ts';
export * from './jobs/jobs.ts';
export * from './jobs/list-jobs.ts';
export * from './jobs/traces.ts';
export * from './jobs/uploads.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type { CreatedPipeline, NewPipeline } from './pipelines/create-pipeline.ts';
export * from './pipelines/delete-pipeline.ts';
export * from './pipelines/find-pipelines.ts';
export * from './pipelines/hierarchy.ts';
export * from './pipelines/list-pipelines.ts';
export * from './pipelines/mirrors.ts';
export {
  createPipelineStore,
  type PipelineStore,
  type PipelineStoreOptions,
} from './pipelines/pipeline-store.ts';
export { JOB_DELAY, PIPELINE_WORK } from './pipelines/save-commands.ts';
export * from './projects/merge-requests.ts';
export * from './projects/projects.ts';
export * from './projects/schedules.ts';
export * from './projects/seen-refs.ts';
export * from './projects/ssh-keys.ts';
export * from './projects/tokens.ts';
export * from './projects/triggers.ts';
export * from './projects/variables.ts';
export * from './queue/jobs-of-processes.ts';
export type { RunnerProfile } from './queue/lane-catalogue.ts';
export * from './queue/lanes-without-runner.ts';
export { type OfferedJob, offeredJobs, withdrawOffer } from './queue/offers.ts';
export * from './queue/places.ts';
export { type AskingRunner, createQueue, type Queue, type TakenJob } from './queue/queue.ts';
export * from './queue/stuck-lanes.ts';
export * from './runners/managers.ts';
export * from './runners/runners.ts';
export { SCHEMA } from './schema/migrations.ts';
export type * from './schema/tables.ts';
export type { Page } from './sql/page.ts';
export type { Db, Store, Topic, Tx } from './store.ts';
export * from './tests/read-reports.ts';
export * from './tests/test-history.ts';
export * from './tests/test-splits.ts';
export * from './tests/write-results.ts';
export { fillDatabase, type Intake } from './transfer/fill-database.ts';
export { openSnapshot } from './transfer/open-snapshot.ts';
export { type Cell, type Row, SCHEMA_TABLE, type Snapshot } from './transfer/snapshot.ts';
export * from './work/list-resource-groups.ts';
export { createOutbox, type LeasedEntry, type Outbox, type OutboxEntry } from './work/outbox.ts';
export {
  createResourceGroups,
  type ProcessMode,
  type ResourceClaim,
  type ResourceGroups,
} from './work/resource-groups.ts';
export * from './work/sample-work.ts';
export { createTimers, type LeasedTimer, type Timer, type Timers } from './work/timers.ts';
export { type WorkKind, workKind } from './work/work-kind.ts';
