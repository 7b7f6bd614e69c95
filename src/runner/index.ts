export type * from './executor.ts';
export type * from './job-result.ts';
export type * from './log/job-log.ts';
export type * from './ports.ts';
