export { type ContextRequest, contextForRun, repositoryRoot } from './git-context.ts';
export { projectSources } from './project-sources.ts';
export type * from './run-events.ts';
