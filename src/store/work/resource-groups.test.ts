import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeResourceGroups } from './resource-groups.contract.ts';

describeResourceGroups(sqliteDatabases);
