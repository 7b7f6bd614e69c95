export * from './git/index.ts';
export type * from './runner-api/ports.ts';
export { type RunnerApiOptions, runnerApi } from './runner-api/runner-api.ts';
export { hashToken } from './runner-api/token-hash.ts';
