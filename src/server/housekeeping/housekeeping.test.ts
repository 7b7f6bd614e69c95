import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeHousekeeping } from './housekeeping.contract.ts';

describeHousekeeping(sqliteDatabases);
