import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeDeadProcesses } from './dead-processes.contract.ts';

describeDeadProcesses(sqliteDatabases);
