export type * from './node.ts';
