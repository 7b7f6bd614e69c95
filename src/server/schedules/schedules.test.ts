import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeSchedules } from './schedules.contract.ts';

describeSchedules(sqliteDatabases);
