export { openStore, type StoreOptions } from './open-store.ts';
export type * from './schema/tables.ts';
export type { Db, Store, Topic, Tx } from './store.ts';
