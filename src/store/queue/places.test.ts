import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describePlaces } from './places.contract.ts';

describePlaces(sqliteDatabases);
