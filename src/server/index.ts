export * from './git/index.ts';
