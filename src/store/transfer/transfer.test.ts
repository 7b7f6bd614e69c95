import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeOldSchema, describeTransfer } from './transfer.contract.ts';

describeTransfer(sqliteDatabases, sqliteDatabases);
describeOldSchema(sqliteDatabases);
