import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeReports } from './reports.contract.ts';

describeReports(sqliteDatabases);
