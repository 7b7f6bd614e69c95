import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeWork } from './work.contract.ts';

describeWork(sqliteDatabases);
