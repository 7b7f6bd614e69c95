export * from './context.ts';
export { contextFromJson } from './context-json.ts';
export { formatProblem, printYaml, toJson } from './document/index.ts';
export { describePipeline } from './gitlab/describe.ts';
export type {
  ExplainedExpression,
  ExplainedKey,
  ExplainedPart,
  ExplainedPaths,
  ExplainedPolicy,
  ExplainedRule,
  ExplainedVariable,
  JobExplanation,
} from './gitlab/explain.ts';
export { type JobRuntime, jobVariables, type RuntimeVariable } from './gitlab/job-variables.ts';
export { createPipeline, type PipelineReading } from './gitlab/pipeline.ts';
export { guessTier } from './gitlab/predefined.ts';
export { type ConfigReading, type ConfigRequest, readConfig } from './gitlab/read-config.ts';
export { readPipeline } from './gitlab/read-pipeline.ts';
export type { VariableLevel } from './gitlab/variables.ts';
export type * from './sources.ts';
