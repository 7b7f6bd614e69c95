import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeTests } from './tests.contract.ts';

describeTests(sqliteDatabases);
