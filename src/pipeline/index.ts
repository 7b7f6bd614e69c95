export { advance } from './advance.ts';
export type { Command, JobStatusChanged } from './command.ts';
export type { PipelineEvent, PlayVariables } from './event.ts';
export { fromJson, toJson } from './json.ts';
export * from './plan.ts';
export { createState, isIdle, type PipelineState, pipelineStatus } from './state.ts';
export * from './status.ts';
