/** Every schema of the REST API: what is asked, and what is answered. */
export * from './artifacts.ts';
export * from './fields.ts';
export * from './jobs.ts';
export * from './keys.ts';
export * from './pipelines.ts';
export * from './projects.ts';
export * from './protected-refs.ts';
export * from './runners.ts';
export * from './server.ts';
export * from './tokens.ts';
export * from './variables.ts';
