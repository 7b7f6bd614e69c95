import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeHierarchy } from './hierarchy.contract.ts';

describeHierarchy(sqliteDatabases);
