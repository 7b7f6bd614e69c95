import { describeStore } from './store.contract.ts';
import { sqliteDatabases } from './test-support/test-databases.ts';

describeStore(sqliteDatabases);
