export type * from './job-spec.ts';
