export { advance } from './advance.ts';
export type { Command, JobStatusChanged } from './command.ts';
export {
  type ChangedJobs,
  comparePipelines,
  isSame,
  type NamedSheet,
  type PipelineChanges,
  type RenamedJob,
} from './comparison/compare-pipelines.ts';
export { inlineText, type ValueChange } from './comparison/compare-values.ts';
export type { ComparedLine } from './comparison/line-difference.ts';
export { NO_PIPELINE, type PipelineSheet, type Sheet, sheetOf } from './comparison/sheet.ts';
export type { JobOutcome, PipelineEvent, PlayVariables } from './event.ts';
export { createFetchedJobs } from './fetched-jobs.ts';
export { fromJson, type JobStateJson, toJson } from './json.ts';
export * from './plan.ts';
export {
  type ChangedJob,
  changedJobs,
  createState,
  isIdle,
  type JobState,
  jobState,
  jobStates,
  type PipelineState,
  pipelineStatus,
} from './state.ts';
export * from './status.ts';
