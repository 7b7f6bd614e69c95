export {
  type BridgeVariables,
  type Dotenv,
  downstreamVariables,
  expandForBridge,
  type UpstreamPipeline,
  variablesOfBridge,
} from './bridge-variables.ts';
export { type ChildFiles, type ChildPlaces, childFiles, MADE_UP, plannedChildFiles } from './child-files.ts';
export { exceededLimit, MAX_PIPELINES, type PipelineIdentity } from './limits.ts';
export { type Refusal, refused } from './refusal.ts';
export { emptyText, sentenceOf } from './sentences.ts';
