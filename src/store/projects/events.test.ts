import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describeEvents } from './events.contract.ts';

describeEvents(sqliteDatabases);
