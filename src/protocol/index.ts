export type * from './job-spec.ts';
export { readJobEnvironment } from './read-job-spec.ts';
