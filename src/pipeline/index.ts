export * from './plan.ts';
export * from './status.ts';
