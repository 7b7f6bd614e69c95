export type * from './run-events.ts';
