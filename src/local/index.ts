export { type ContextRequest, contextForRun, repositoryRoot } from './git-context.ts';
export type * from './run-events.ts';
