export { advance } from './advance.ts';
export type { Command, JobStatusChanged } from './command.ts';
export type { Step } from './draft.ts';
export type { Failure, JobOutcome, PipelineEvent, PlayVariables } from './event.ts';
export { fromJson, toJson } from './json.ts';
export * from './plan.ts';
export {
  createState,
  isIdle,
  type JobState,
  jobState,
  jobStates,
  type PipelineState,
  pipelineStatus,
  stageStatus,
} from './state.ts';
export * from './status.ts';
