import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeQueue } from './queue.contract.ts';

describeQueue(sqliteDatabases);
