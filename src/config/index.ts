export * from './context.ts';
export type * from './sources.ts';
