/** Every schema of the REST API: what is asked, and what is answered. */
export * from './artifacts.ts';
export * from './fields.ts';
export * from './jobs.ts';
export * from './keys.ts';
export * from './merge-requests.ts';
export * from './pipelines.ts';
export * from './projects.ts';
export * from './protected-refs.ts';
export * from './resource-groups.ts';
export * from './runners.ts';
export * from './schedules.ts';
export * from './server.ts';
export * from './tests.ts';
export * from './tokens.ts';
export * from './triggers.ts';
export * from './variables.ts';
